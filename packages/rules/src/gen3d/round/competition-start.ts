import type { CompetitionState, Config, LeaderEntry, Rules } from '@tiltyard/schema/gen3d';
import { type ChainMoment, type FullSchedule, scheduleNextRound } from './schedule.js';
import { thresholdsOf } from './thresholds.js';

/** What an operator decides for the first round, besides config.json. */
export interface CompetitionStart {
  readonly config: Config;
  readonly now: ChainMoment;
  /** Who defends in round 0. */
  readonly baseLeader: LeaderEntry;
  readonly software: Rules['software'];
  /** How files are rendered, and by what. */
  readonly rendering: Rules['rendering'];
}

/** The files of a competition's first commit, config.json and the prompt pool aside. */
export interface FirstRound {
  readonly state: CompetitionState;
  readonly schedule: FullSchedule;
  readonly rules: Rules;
  readonly leader: readonly LeaderEntry[];
}

/**
 * The state that a competition starts with: round 0 scheduled and open, its rules frozen, the base leader defending.
 *
 * @returns undefined when config.json leaves no room for a first round.
 * @see docs/rules.md#schedule
 */
export function startCompetition(start: CompetitionStart): FirstRound | undefined {
  const { config, now, baseLeader, software, rendering } = start;
  const first = scheduleNextRound(config, undefined, now);
  if (first.kind === 'finished') return undefined;
  return {
    state: { current_round: 0, stage: 'open', next_stage_eta: first.start.toISOString() },
    schedule: first.schedule,
    rules: { ...thresholdsOf(config), software, rendering },
    leader: [baseLeader],
  };
}
