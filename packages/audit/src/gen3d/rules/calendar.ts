import { generationDeadline, projectAmendments } from '@tiltyard/rules/gen3d';
import { BLOCK_SECONDS } from '@tiltyard/schema';
import type { Config, Schedule } from '@tiltyard/schema/gen3d';
import type { CommitView } from '../../replay/commit-view.js';
import type { Tree } from '../../replay/tree.js';
import { timesAt } from '../commit-times.js';
import { stateBefore } from '../commit-view.js';
import { contentRule, type Rule } from '../rule.js';
import { valueIn } from '../tree.js';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
/** How far the clocks of those who make commits may be off. */
const CLOCK_SECONDS = DAY_SECONDS;
/** How far one endpoint's finalized head may be behind another's. */
const LAG_BLOCKS = 300;
/** How much sooner than expected a block may come: chains aim at 12 seconds and miss that by a percent. */
const HASTE = { leastSeconds: 3 * HOUR_SECONDS, share: 0.02 };
/** How much later: 12.3 seconds were measured. */
const DELAY = { leastSeconds: 4 * HOUR_SECONDS, share: 0.03 };

/**
 * When rounds are, as far as a repository tells. Which block it was when a round was scheduled is not on record; what is, are
 * the dates of commits, so these rules give bounds that no round-manager can leave.
 */
export const CALENDAR_RULES: readonly Rule[] = [
  contentRule({ id: 'R6', severity: 'error', only: 'ours' }, 'schedule', (schedule, file) => {
    const { round } = file.params;
    const config = valueIn(file.tree, 'config', {});
    const previous = valueIn(file.tree, 'schedule', { round: round - 1 });
    if (config === undefined || previous === undefined) return;
    file.looked();
    const seconds = (schedule.latest_reveal_block - previous.latest_reveal_block) * BLOCK_SECONDS;
    const least = leastSeconds(file.tree, round - 1, previous, config);
    const usual = leastByDates(file.at, config);
    if (seconds < Math.max(least, usual)) {
      const detail = `the round's reveals end ${days(seconds)} after the last one's, where ${days(Math.max(least, usual))} is the least`;
      if (seconds < least) file.fault(detail);
      else file.fault(`${detail} on a chain that did not stand still in between`, 'warn');
    }
    const most = mostSeconds(file.at, config);
    if (most !== undefined && seconds > most) {
      file.fault(`the round's reveals end ${days(seconds)} after the last one's, where ${days(most)} is the most`);
    }
  }),
  {
    id: 'R6',
    severity: 'error',
    only: 'ours',
    check(at, tell) {
      const after = valueIn(at.tree, 'state', {});
      const isMoved = at.changes.some(({ known }) => known.name === 'state');
      const config = valueIn(at.tree, 'config', {});
      if (!at.isRunning || !isMoved || after === undefined || config === undefined) return;
      const before = stateBefore(at);
      const start = latestStart(at, config);
      if (before?.stage !== 'finalizing') return;
      tell.looked();
      // Where blocks run ahead of the clock, nobody can tell how many passed since the reveals.
      const severity = isAheadOfClock(at, config) ? 'warn' : 'error';
      if (after.stage === 'finished' && dayOf(start) <= config.last_competition_date) {
        const detail = `the competition ends, where a round would still start by ${dayOf(start)}: the last may on ${config.last_competition_date}`;
        tell.fault({ path: 'state.json', severity, detail });
      } else if (
        after.stage === 'open' &&
        severity === 'error' &&
        Date.parse(after.next_stage_eta ?? '') / 1000 > start
      ) {
        const detail = `the round is said to start at ${after.next_stage_eta}, where it starts by ${dayOf(start)}`;
        tell.fault({ path: 'state.json', detail });
      }
    },
  },
];

/**
 * The least time between the ends of two rounds' reveals. A round starts at least `round_duration_days` less one after the one
 * before, reckoned at 12 seconds a block; and it is scheduled when the last one's deadline has passed, with the buffer to go.
 */
function leastSeconds(tree: Tree, ended: number, schedule: Schedule, config: Config): number {
  const byDuration = (config.round_duration_days - 1) * DAY_SECONDS - BLOCK_SECONDS;
  const amended = projectAmendments(valueIn(tree, 'amendments', { round: ended }) ?? []);
  const isEmpty = Object.keys(valueIn(tree, 'submissions', { round: ended }) ?? {}).length === 0;
  const deadline = isEmpty ? undefined : generationDeadline(schedule, amended);
  const generation = (deadline ?? schedule.latest_reveal_block) - schedule.latest_reveal_block;
  const byDeadline = (generation - LAG_BLOCKS) * BLOCK_SECONDS + config.finalization_buffer_hours * HOUR_SECONDS;
  return Math.max(byDuration, byDeadline);
}

/**
 * The least time between them where the chain kept to the clock: the whole duration, less what the last round's reveals ended
 * later than was expected when it was scheduled. A round's day is that of the block which its reveals ended with; where that
 * is near midnight, it may have been the day before.
 */
function leastByDates(at: CommitView, config: Config): number {
  const { closedAtMs, startsAtMs } = timesAt(at);
  if (closedAtMs === undefined || startsAtMs === undefined || isAheadOfClock(at, config)) return 0;
  const duration = config.round_duration_days * DAY_SECONDS;
  const ofDay = (startsAtMs / 1000) % DAY_SECONDS;
  if (ofDay < hasteOf(config)) return 0;
  const late = Math.max(0, (closedAtMs - startsAtMs) / 1000);
  const elapsed = duration + (madeAtMs(at) - closedAtMs) / 1000;
  return duration - late - DELAY.leastSeconds - DELAY.share * elapsed;
}

/** The most time between them: the duration, or what the round took beyond that, and the days that whole days cost. */
function mostSeconds(at: CommitView, config: Config): number | undefined {
  const { openedAtMs } = timesAt(at);
  if (openedAtMs === undefined || isAheadOfClock(at, config)) return undefined;
  const elapsed = (madeAtMs(at) - openedAtMs) / 1000;
  const byElapsed = elapsed + config.finalization_buffer_hours * HOUR_SECONDS + DAY_SECONDS + CLOCK_SECONDS;
  const byFirstDay = firstStart(config) - openedAtMs / 1000 + DAY_SECONDS;
  return Math.max((config.round_duration_days + 1) * DAY_SECONDS, byElapsed, byFirstDay);
}

/** The latest time at which a round can start that is scheduled now, in seconds since 1970. */
function latestStart(at: CommitView, config: Config): number {
  const now = Math.max(madeAtMs(at), timesAt(at).startsAtMs ?? 0) / 1000 + CLOCK_SECONDS;
  const wait = Math.max(config.round_duration_days * DAY_SECONDS, config.finalization_buffer_hours * HOUR_SECONDS);
  return Math.max(firstStart(config), now + wait + DAY_SECONDS);
}

/**
 * Whether the chain's time runs ahead of the clock that commits are dated by, as a development chain's does: the round that
 * ends was to begin later than now. Then dates say nothing of blocks.
 */
function isAheadOfClock(at: CommitView, config: Config): boolean {
  const { startsAtMs } = timesAt(at);
  if (startsAtMs === undefined) return true;
  const ahead = (startsAtMs - madeAtMs(at)) / 1000;
  return ahead > hasteOf(config);
}

function hasteOf({ round_duration_days }: Config): number {
  return Math.max(HASTE.leastSeconds, HASTE.share * round_duration_days * DAY_SECONDS);
}

/** When a commit was made, by its date; one that says it is older than what it stands on was made no earlier than that. */
function madeAtMs({ commit, parentAtMs }: CommitView): number {
  return Math.max(commit.committedAtMs, parentAtMs ?? 0);
}

function firstStart({ first_evaluation_date, round_start_time }: Config): number {
  return Date.parse(`${first_evaluation_date}T${round_start_time}Z`) / 1000;
}

function dayOf(seconds: number): string {
  return new Date(Math.min(seconds * 1000, 8.64e15)).toISOString().slice(0, 10);
}

function days(seconds: number): string {
  return `${(seconds / DAY_SECONDS).toFixed(2)} days`;
}
