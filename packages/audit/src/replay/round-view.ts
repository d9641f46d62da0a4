import {
  type Amended,
  deriveTimeline,
  type MarginOf,
  marginsOf,
  projectAmendments,
  revealOrder,
  type StandingOf,
  standingAudits,
  standingBuilds,
  standings,
  type Timeline,
  thresholdsOf,
} from '@tiltyard/rules';
import type { Builds, Config, GenerationAudits, Hotkey, MatchMatrix, Rules, SourceAudits } from '@tiltyard/schema';
import { fileOf, reportOf, type Tree, valueIn } from './tree.js';

/** What a round's decisions follow from, at one commit. */
export interface RoundView {
  readonly round: number;
  readonly config: Config;
  readonly rules: Rules;
  /** How many prompts the round has. */
  readonly prompts: number;
  /** In order of reveal. */
  readonly hotkeys: readonly Hotkey[];
  readonly matrix: MatchMatrix;
  readonly margin: MarginOf;
  /** Audits and builds that count, amendments considered. */
  readonly audits: GenerationAudits;
  readonly sourceAudits: SourceAudits;
  readonly builds: Builds;
  readonly amended: Amended;
  readonly standing: StandingOf;
}

/** A round's thresholds at a commit; undefined while config.json is not there or cannot be read. */
export function rulesAt(tree: Tree, round: number): Rules | undefined {
  const config = valueIn(tree, 'config', {});
  return config === undefined ? undefined : thresholdsOf(config, valueIn(tree, 'rules', { round }));
}

/**
 * Gathers what a round's decisions follow from. A file that is not there yet is empty.
 *
 * @returns undefined while there is no config.json or no submissions.json to decide by, and where a file that decides is
 * there and cannot be read: nothing is derived from half a record.
 */
export function viewRound(tree: Tree, round: number): RoundView | undefined {
  const config = valueIn(tree, 'config', {});
  const rules = rulesAt(tree, round);
  const submissions = valueIn(tree, 'submissions', { round });
  if (config === undefined || rules === undefined || submissions === undefined || hasUnreadable(tree, round)) {
    return undefined;
  }
  const amended = projectAmendments(valueIn(tree, 'amendments', { round }) ?? []);
  const matrix = valueIn(tree, 'matchMatrix', { round }) ?? [];
  const audits = standingAudits(valueIn(tree, 'generationAudits', { round }) ?? {}, amended);
  const sourceAudits = valueIn(tree, 'sourceAudits', { round }) ?? [];
  return {
    round,
    config,
    rules,
    prompts: valueIn(tree, 'prompts', { round })?.length ?? 0,
    hotkeys: revealOrder(submissions),
    matrix,
    margin: marginsOf(matrix, {
      amended,
      // Only a match that was ordered to be judged again has to say under which order it was.
      ...(amended.rejudgedMatches.size === 0
        ? {}
        : { reportAmendment: (left, right) => reportOf(tree, round, left, right)?.amendment }),
    }),
    audits,
    sourceAudits,
    builds: standingBuilds(valueIn(tree, 'builds', { round }) ?? {}, amended),
    amended,
    standing: standings({
      generationAudits: audits,
      sourceAudits,
      requireSourceAudit: rules.tournament.require_source_audit,
      excluded: amended.excluded,
    }),
  };
}

/** The round's timeline. Whoever has a row against the leader has played it, so the baseline counts as complete. */
export function timelineOf(
  { hotkeys, margin, standing, rules }: RoundView,
  instead: Partial<Pick<RoundView, 'margin' | 'standing'>> = {},
): Timeline {
  return deriveTimeline({
    hotkeys,
    margin: instead.margin ?? margin,
    standing: instead.standing ?? standing,
    winMargin: rules.tournament.win_margin,
    leaderBaselineComplete: true,
  });
}

const DECIDING = ['rules', 'amendments', 'matchMatrix', 'generationAudits', 'sourceAudits', 'builds'] as const;

function hasUnreadable(tree: Tree, round: number): boolean {
  return DECIDING.some((name) => fileOf(tree, name, { round })?.content.problem !== undefined);
}
