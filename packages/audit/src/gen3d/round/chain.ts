import { revealOrder, type TimelineEntry } from '@tiltyard/rules/gen3d';
import { type Hotkey, LEADER, type Side, shortName } from '@tiltyard/schema';
import type { Tree } from '../../replay/tree.js';
import { eraFiles } from '../legacy/era-files.js';
import { type ChainDigest, delivered, keptOf, positionIn, valueIn } from '../tree.js';
import { rulesAt } from './round-view.js';

/** A round of the first competition: challengers met whoever led, one after another, and the last to win led from then on. */
export interface Chain {
  readonly entries: readonly TimelineEntry[];
  readonly winMargin: number;
  /** Who led in the end; undefined where the chain breaks. */
  readonly winner: Side | undefined;
  /** Why it breaks. */
  readonly broken: string | undefined;
  /** Whose report is missing, in order of reveal: while there is one, nobody can tell who led in the end. */
  readonly unmet: readonly Hotkey[];
}

/** Whether a round was a chain of duels: it has such reports, and no matrix. */
export function hasChain(tree: Tree, round: number): boolean {
  if (tree.at(`rounds/${round}/matches_matrix.csv`) !== undefined) return false;
  return Object.keys(valueIn(tree, 'submissions', { round }) ?? {}).some(
    (hotkey) => chainReport(tree, round, hotkey as Hotkey) !== undefined,
  );
}

/** Follows a round's chain of duels in order of reveal; undefined where there are no submissions or thresholds to read. */
export function followChain(tree: Tree, round: number): Chain | undefined {
  const submissions = valueIn(tree, 'submissions', { round });
  const winMargin = rulesAt(tree, round)?.tournament.win_margin;
  if (submissions === undefined || winMargin === undefined) return undefined;
  const entries: TimelineEntry[] = [];
  let leads: Side = LEADER;
  let broken: string | undefined;
  const unmet: Hotkey[] = [];
  const isOver = areDuelsOver(tree, round);
  for (const hotkey of revealOrder(submissions)) {
    const report = chainReport(tree, round, hotkey);
    if (report === undefined) {
      // Who made nothing met nobody; that it made nothing is known once the duels are over.
      if (!isOver || delivered(tree, round, hotkey) !== false) unmet.push(hotkey);
      continue;
    }
    const { leader: defender, margin } = report;
    if (defender !== leads) {
      broken ??= `${shortName(hotkey)} met ${who(defender)}, where ${who(leads)} led`;
    }
    const status = margin >= winMargin ? 'won' : 'lost';
    entries.push({ hotkey, status, qualification: 'qualified', defender, margin });
    if (status === 'won') leads = hotkey;
  }
  const isWhole = broken === undefined && unmet.length === 0;
  return { entries, winMargin, winner: isWhole ? leads : undefined, broken, unmet };
}

/** Whether a round is past its duels, by state.json or by a leader who has followed from it. */
export function areDuelsOver(tree: Tree, round: number): boolean {
  const position = positionIn(tree);
  if (position === undefined || position.current_round > round || leaderAfter(tree, round) !== null) return true;
  return position.current_round === round && ['finalizing', 'finished'].includes(position.stage);
}

/** Who led from a round's end on by leader.json: `leader` where the same entry went on; null where there is none for it. */
export function leaderAfter(tree: Tree, round: number): Side | null {
  const leaders = valueIn(tree, 'leader', {}) ?? [];
  const block = valueIn(tree, 'schedule', { round: round + 1 })?.latest_reveal_block;
  const at = leaders.findIndex((entry) => entry.effective_block === block);
  const [before, entry] = [leaders[at - 1], leaders[at]];
  if (entry === undefined) return null;
  const isSame = before?.hotkey === entry.hotkey && before.commit === entry.commit;
  return isSame ? LEADER : entry.hotkey;
}

function chainReport(tree: Tree, round: number, side: Hotkey): ChainDigest | undefined {
  const file = tree.at(eraFiles.chainReport.path.format({ round, side }));
  return file && keptOf(file.content).chain;
}

function who(side: Side): string {
  return side === LEADER ? 'the leader' : shortName(side);
}
