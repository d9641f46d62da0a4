import type { MatchReport, Stem } from '@tiltyard/schema/gen3d';
import { Twister } from '../../random/twister.js';

/** What decides a match's critical prompts, apart from its report. */
export interface CriticalPromptRules {
  /** The round's seed. */
  readonly seed: number;
  readonly winMargin: number;
  readonly maxMismatchedMargin: number;
}

/**
 * The prompts that a challenger's win depended on, in the order drawn: its audit must reproduce nearly all of them.
 *
 * None when the win was so clear that no tolerated mismatch could have turned it. Else as many as the margin needed, out of
 * the duels that the challenger won.
 *
 * @see docs/rules.md#critical-prompts
 */
export function criticalPrompts(
  report: Pick<MatchReport, 'margin' | 'duels'>,
  { seed, winMargin, maxMismatchedMargin }: CriticalPromptRules,
): readonly Stem[] {
  if (report.margin >= maxMismatchedMargin + winMargin) return [];
  const won = report.duels.filter((duel) => duel.winner === 'right').map((duel) => duel.name);
  const count = Math.max(1, Math.ceil(report.duels.length * winMargin));
  return count >= won.length ? won : new Twister(seed).sample(won, count);
}
