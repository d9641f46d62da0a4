import { isSameWeight, leaderTransition, scheduleAt, winnerOf } from '@tiltyard/rules/gen3d';
import { BLOCK_SECONDS, counted, type Hotkey, LEADER, shortName } from '@tiltyard/schema';
import type { Config, LeaderEntry, LeaderHistory, Schedule, Winner } from '@tiltyard/schema/gen3d';
import type { CommitView } from '../../replay/commit-view.js';
import type { Tree } from '../../replay/tree.js';
import { stateBefore } from '../commit-view.js';
import { roundEraOf } from '../round/round-view.js';
import { contentRule, type Rule } from '../rule.js';
import { fileOf, valueIn } from '../tree.js';

const DAY_SECONDS = 86_400;
/** Seconds that a block takes, as measured over days; the chain aims at 12. */
const USUAL_BLOCK_SECONDS = { least: 11.9, most: 12.3 };

/** What a round's end brings about: the next leader, and the next schedule. */
export const ROUND_RULES: readonly Rule[] = [
  {
    id: 'R5',
    severity: 'error',
    check(at, tell) {
      const change = at.changes.find(({ known }) => known.name === 'leader');
      const state = stateBefore(at);
      const ends = state?.stage === 'finalizing' && isLeft(at, 'finalizing');
      if (!at.isRunning || state === undefined || (change === undefined && !ends)) return;
      const before = valueIn(at.parent, 'leader', {});
      const after = valueIn(at.tree, 'leader', {});
      if (ends && isUnderived(at, state.current_round)) {
        const detail = 'has one leader and no history, as before rounds had files of miners: no leader follows';
        tell.fault({ path: 'leader.json', detail });
      }
      if (before === undefined || after === undefined || after.length < before.length) return;
      tell.looked();
      const appended = after.slice(before.length);
      for (const detail of leaderFaults(at, state.current_round, before, appended)) {
        tell.fault({ path: 'leader.json', detail });
      }
    },
  },
  contentRule({ id: 'R6', severity: 'error' }, 'schedule', (schedule, file) => {
    const config = valueIn(file.tree, 'config', {});
    const { round } = file.params;
    if (file.at.dialect === 'ours' && round > 0 && fileOf(file.tree, 'schedule', { round: round - 1 }) === undefined) {
      file.fault(`follows from nothing: round ${round - 1} has no schedule`);
    }
    const due = dueSchedule(schedule, round, file.tree, config, file.at.dialect === 'ours');
    if (due === undefined) return;
    file.looked();
    for (const field of ['earliest_reveal_block', 'latest_reveal_block', 'generation_deadline_block'] as const) {
      if (due[field] !== undefined && schedule[field] !== due[field]) {
        file.fault(`${field} is ${schedule[field]}, where ${due[field]} follows`);
      }
    }
  }),
  contentRule({ id: 'R6t', severity: 'info' }, 'schedule', (schedule, file) => {
    const previous = valueIn(file.tree, 'schedule', { round: file.params.round - 1 });
    const blocks = schedule.latest_reveal_block - (previous?.latest_reveal_block ?? schedule.latest_reveal_block);
    // Rounds start at one time of day, so between two starts lie whole days, however long a block takes.
    const days = Math.round((blocks * BLOCK_SECONDS) / DAY_SECONDS);
    if (days < 1) return;
    file.looked();
    const seconds = (days * DAY_SECONDS) / blocks;
    const { least, most } = USUAL_BLOCK_SECONDS;
    const usual = seconds >= least && seconds <= most ? '' : `, which is not between ${least} and ${most}`;
    file.fault(
      `${counted(days, 'day')} in ${counted(blocks, 'block')} ${days === 1 ? 'is' : 'are'} ${seconds.toFixed(3)} seconds a block${usual}`,
    );
  }),
];

/** Whether leader.json is of a format that nothing is derived from, where the round is of a later one. */
function isUnderived({ tree }: CommitView, round: number): boolean {
  const isOther = fileOf(tree, 'leader', {})?.content.problem?.kind === 'other_format';
  return isOther && roundEraOf(tree, round) !== 'splats';
}

/** What is wrong with the entries that a commit appends to leader.json. */
function* leaderFaults(
  at: CommitView,
  round: number,
  before: LeaderHistory,
  appended: LeaderHistory,
): Generator<string> {
  const state = stateBefore(at);
  if (state?.stage !== 'finalizing') {
    if (appended.length > 0)
      yield `${counted(appended.length, 'entry', 'entries')} appended in ${state?.stage}, where no round ends`;
    return;
  }
  const winner = winnerFor(at.tree, round, before);
  const config = valueIn(at.tree, 'config', {});
  const deciding = [fileOf(at.tree, 'winner', { round }), fileOf(at.tree, 'submissions', { round })];
  const isUnread = deciding.some((file) => file?.content.problem !== undefined);
  const isKept = at.dialect === 'ours' || roundEraOf(at.tree, round) !== 'splats';
  if (winner === undefined && !isUnread && isKept && appended.length > 0) {
    yield `${counted(appended.length, 'entry', 'entries')} appended, and the round has no winner on record`;
  }
  if (winner === undefined || config === undefined) return;
  const next = valueIn(at.tree, 'schedule', { round: round + 1 })?.latest_reveal_block;
  const weights = { weightDecay: config.weight_decay, weightFloor: config.weight_floor };
  const due = leaderTransition(before, winner, weights, next);
  const [entry, ...others] = appended;
  if (others.length > 0) yield `${appended.length} entries are appended at once`;
  if (entry === undefined && due !== undefined) yield `no entry is appended, where ${brief(due)} follows`;
  else if (entry !== undefined && due === undefined) yield `${brief(entry)} is appended, where nothing follows`;
  else if (entry !== undefined && due !== undefined && !isSameEntry(entry, due)) {
    yield `${brief(entry)} is appended, where ${brief(due)} follows`;
  }
}

/** The round's winner; a round without submissions has none on record, and the leader defended. */
function winnerFor(tree: Tree, round: number, leaders: LeaderHistory): Winner | undefined {
  const winner = valueIn(tree, 'winner', { round });
  if (winner !== undefined) return isWhole(tree, round) ? winner : winnerByBuild(tree, round, winner, leaders);
  const submissions = valueIn(tree, 'submissions', { round });
  if (submissions === undefined || Object.keys(submissions).length > 0) return undefined;
  return { winner_hotkey: LEADER, repo: '', commit: '', docker_image: '' };
}

function isWhole(tree: Tree, round: number): boolean {
  return fileOf(tree, 'winner', { round })?.content.format === undefined;
}

/** The winner of a file that names its hotkey only; undefined where its build is not on record. */
function winnerByBuild(
  tree: Tree,
  round: number,
  { winner_hotkey: hotkey }: Winner,
  leaders: LeaderHistory,
): Winner | undefined {
  const builds = valueIn(tree, 'builds', { round }) ?? {};
  const isKnown = hotkey === LEADER ? leaders.length > 0 : typeof builds[hotkey as Hotkey]?.docker_image === 'string';
  return isKnown ? winnerOf(hotkey, { leaders, builds }) : undefined;
}

/** The running competition did not round decayed weights, and its later entries have fields that nothing follows from. */
function isSameEntry(a: LeaderEntry, b: LeaderEntry): boolean {
  const isSame = (['hotkey', 'repo', 'commit', 'docker', 'effective_block'] as const).every((one) => a[one] === b[one]);
  return isSame && isSameWeight(a.weight, b.weight);
}

function brief({ hotkey, weight, effective_block, commit }: LeaderEntry): string {
  return `${shortName(hotkey)} (${commit.slice(0, 7)}) at weight ${weight} from block ${effective_block}`;
}

function isLeft(at: CommitView, stage: string): boolean {
  const now = valueIn(at.tree, 'state', {})?.stage;
  return now !== undefined && now !== stage && now !== 'paused';
}

/** The first competition's config.json does not say how long miners have. */
function isConfigWhole(tree: Tree): boolean {
  return fileOf(tree, 'config', {})?.content.format === undefined;
}

/** What a schedule should be. The reference's first one was made by hand: only its deadline follows from anything. */
function dueSchedule(
  schedule: Schedule,
  round: number,
  tree: Tree,
  config: Config | undefined,
  firstFollows: boolean,
): Partial<Schedule> | undefined {
  const previous = valueIn(tree, 'schedule', { round: round - 1 });
  if (config === undefined || (previous === undefined && round > 0)) return undefined;
  const due = scheduleAt(config, previous, schedule.latest_reveal_block);
  const { generation_deadline_block } = due;
  // The earliest rounds of the reference had no deadline on record.
  const isUnknown = schedule.generation_deadline_block === undefined || !isConfigWhole(tree);
  const deadline = isUnknown ? {} : { generation_deadline_block };
  if (round === 0 && !firstFollows) return deadline;
  const { earliest_reveal_block, latest_reveal_block } = due;
  return { earliest_reveal_block, latest_reveal_block, ...(firstFollows ? { generation_deadline_block } : deadline) };
}
