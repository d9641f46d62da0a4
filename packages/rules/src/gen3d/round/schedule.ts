import { BLOCK_SECONDS, BlockNumber } from '@tiltyard/schema';
import type { Config, Schedule } from '@tiltyard/schema/gen3d';
import { RulesError } from '../../rules-error.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const BLOCK_MS = BLOCK_SECONDS * 1000;

/** A finalized block and its time: the only clock of schedules. */
export interface ChainMoment {
  readonly block: number;
  readonly time: Date;
}

/** The fields of config.json that place rounds in time. */
export type CalendarConfig = Pick<
  Config,
  | 'first_evaluation_date'
  | 'last_competition_date'
  | 'round_start_time'
  | 'round_duration_days'
  | 'finalization_buffer_hours'
  | 'generation_stage_minutes'
>;

/** A schedule as we write it: always with a deadline. */
export type FullSchedule = Schedule & { readonly generation_deadline_block: BlockNumber };

/** What comes after a round: another one, or nothing when the competition is over. */
export type NextRound =
  | { readonly kind: 'scheduled'; readonly schedule: FullSchedule; readonly start: Date }
  | { readonly kind: 'finished' };

/** When a block is expected, at 12 seconds a block; in the past for a past block. */
export function expectedTimeOf(block: number, now: ChainMoment): Date {
  return new Date(now.time.getTime() + (block - now.block) * BLOCK_MS);
}

/** The block that is expected at a time, rounded down from now on; the present one for a time in the past. */
export function expectedBlockAt(time: Date, now: ChainMoment): number {
  return now.block + Math.max(0, Math.trunc((time.getTime() - now.time.getTime()) / BLOCK_MS));
}

/**
 * When the next round starts: `round_duration_days` after the date that the previous one's reveals ended on, at
 * `round_start_time` UTC, a day later for as long as less than the buffer remains, and never before
 * `first_evaluation_date`.
 *
 * The previous start is computed back from its block, not read from a clock, so that everyone finds the same date.
 *
 * @param previous - The previous round's schedule; undefined before the first round.
 * @throws {RulesError} `time_malformed` for a config that did not come through the schema.
 * @see docs/rules.md#schedule
 */
export function nextRoundStart(
  config: CalendarConfig,
  previous: Pick<Schedule, 'latest_reveal_block'> | undefined,
  now: ChainMoment,
): Date {
  const first = atStartTime(config, config.first_evaluation_date, 'first_evaluation_date');
  let start = first;
  if (previous !== undefined) {
    const previousDay = dayOf(expectedTimeOf(previous.latest_reveal_block, now));
    start = Math.max(first, atStartTime(config, previousDay, 'previous round') + config.round_duration_days * DAY_MS);
  }
  const earliest = now.time.getTime() + config.finalization_buffer_hours * HOUR_MS;
  if (start < earliest) start += Math.ceil((earliest - start) / DAY_MS) * DAY_MS;
  return new Date(start);
}

/**
 * Schedules the next round, or ends the competition when it would start after `last_competition_date`.
 *
 * @see docs/rules.md#schedule
 */
export function scheduleNextRound(
  config: CalendarConfig,
  previous: Pick<Schedule, 'latest_reveal_block'> | undefined,
  now: ChainMoment,
): NextRound {
  const start = nextRoundStart(config, previous, now);
  if (dayOf(start) > config.last_competition_date) return { kind: 'finished' };
  return { kind: 'scheduled', start, schedule: scheduleAt(config, previous, expectedBlockAt(start, now)) };
}

/**
 * A round's schedule from the block that its reveals end with: they begin right after the previous round's, so that no
 * reveal falls between two rounds, and generation ends `generation_stage_minutes` of blocks later.
 *
 * @see docs/rules.md#schedule
 */
export function scheduleAt(
  config: Pick<CalendarConfig, 'generation_stage_minutes'>,
  previous: Pick<Schedule, 'latest_reveal_block'> | undefined,
  latestRevealBlock: number,
): FullSchedule {
  const earliest = previous === undefined ? 0 : previous.latest_reveal_block + 1;
  // A chain that stood still can put the expected block inside the previous window; a window is never empty.
  const latest = Math.max(latestRevealBlock, earliest);
  const deadline = latest + Math.trunc((config.generation_stage_minutes * 60) / BLOCK_SECONDS);
  return {
    earliest_reveal_block: BlockNumber.parse(earliest),
    latest_reveal_block: BlockNumber.parse(latest),
    generation_deadline_block: BlockNumber.parse(deadline),
  };
}

/** The UTC day of a time, YYYY-MM-DD. */
function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

function atStartTime(config: CalendarConfig, day: string, field: string): number {
  const text = `${day}T${config.round_start_time}Z`;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new RulesError({ code: 'time_malformed', field, value: text });
  return time;
}
