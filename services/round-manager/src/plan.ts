import {
  type ChainMoment,
  leaderTransition,
  nextRules,
  scheduleNextRound,
  unsupportedChoices,
  winnerOf,
} from '@tiltyard/rules/gen3d';
import { LEADER } from '@tiltyard/schema';
import type {
  CompetitionState,
  Config,
  LeaderEntry,
  LeaderHistory,
  Rules,
  Schedule,
  Submissions,
  Winner,
} from '@tiltyard/schema/gen3d';

/** Everything that the end of a round is decided from. */
export interface RoundEnd {
  readonly config: Config;
  readonly round: number;
  readonly schedule: Schedule;
  readonly rules: Rules;
  readonly leaders: LeaderHistory;
  readonly submissions: Submissions | undefined;
  readonly winner: Winner | undefined;
  readonly software: Rules['software'];
  readonly now: ChainMoment;
}

/** What follows a round: the files of one commit. */
export type RoundEndPlan =
  /** Until a person has acted: a winner.json is missing, or the next round's rules are of no use. */
  | { readonly kind: 'wait'; readonly because: 'no_winner' | 'rules'; readonly reason: string }
  | { readonly kind: 'finish'; readonly state: CompetitionState }
  | {
      readonly kind: 'next';
      readonly state: CompetitionState;
      readonly schedule: Schedule;
      readonly rules: Rules;
      readonly leader: LeaderEntry | undefined;
    };

/**
 * Decides what follows a round in `finalizing`. A round without submissions needs no winner.json: the leader defended.
 *
 * @see docs/rules.md#schedule
 */
export function planRoundEnd(end: RoundEnd): RoundEndPlan {
  const { config, round, schedule, rules, leaders, submissions, software, now } = end;
  const next = scheduleNextRound(config, schedule, now);
  if (next.kind === 'finished') {
    return { kind: 'finish', state: { current_round: round, stage: 'finished', next_stage_eta: null } };
  }
  const winner = end.winner ?? defender(submissions, leaders);
  if (winner === undefined) {
    return { kind: 'wait', because: 'no_winner', reason: `round ${round} has submissions and no winner.json` };
  }

  const nextRoundsRules = nextRules(config, rules, software);
  const [unsupported] = unsupportedChoices(nextRoundsRules);
  if (unsupported !== undefined) {
    const { field, problem } = unsupported;
    return {
      kind: 'wait',
      because: 'rules',
      reason: `config.json: ${field} ${problem}: no round can be played so`,
    };
  }

  const weights = { weightDecay: config.weight_decay, weightFloor: config.weight_floor };
  return {
    kind: 'next',
    state: {
      current_round: round + 1,
      stage: 'open',
      next_stage_eta: next.start.toISOString(),
    },
    schedule: next.schedule,
    rules: nextRoundsRules,
    leader:
      winner === 'nobody' ? undefined : leaderTransition(leaders, winner, weights, next.schedule.latest_reveal_block),
  };
}

/** Who won a round without winner.json: the leader, if no one submitted; `nobody`, if there is no leader either. */
function defender(submissions: Submissions | undefined, leaders: LeaderHistory): Winner | 'nobody' | undefined {
  if (submissions === undefined || Object.keys(submissions).length > 0) return undefined;
  return leaders.length === 0 ? 'nobody' : winnerOf(LEADER, { leaders, builds: {} });
}
