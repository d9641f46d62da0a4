import type { StagePositionOnRecord } from '../tree.js';
import { firstEntry, isFields, mapEntries, mapList, type OtherContent } from './other-format.js';

/** Stages that the first competition had in place of `open` and of `miner_generation` and `downloading`. */
const SPLAT_STAGES: readonly unknown[] = ['collecting', 'generating'];
const MOST_STAGE_CHARACTERS = 40;
/** What stood for the margin of a match that one side had no file for. */
const NO_FILES_MARGIN = /,(-?)100(?:\.0+)?(\r?)$/gm;

/** State files as the first competition wrote them. */
export const SPLAT_CONTENTS: readonly OtherContent[] = [
  splat({
    id: 'splat-calendar',
    files: ['config'],
    what: 'config.json with start_time and end_time',
    says: 'the first draft of the configuration; it has no calendar and no weights, so nothing is derived while it stands',
    fits: (value) => isFields(value) && 'start_time' in value && !('first_evaluation_date' in value),
  }),
  splat({
    id: 'splat-config',
    files: ['config'],
    what: 'config.json without generation_stage_minutes',
    says: "containers made everything, so miners had no deadline: read, and schedules' deadlines are not derived again",
    fits: (value) => isFields(value) && 'first_evaluation_date' in value && !('generation_stage_minutes' in value),
    // The schema asks for a number; what would follow from it is not looked at.
    read: (value) => (isFields(value) ? { ...value, generation_stage_minutes: 1 } : value),
  }),
  splat({
    id: 'splat-stages',
    files: ['state'],
    what: 'state.json with the stages collecting and generating, or before round 0',
    says: 'another stage machine: its edges, and who may write in which stage, are not held against ours',
    fits: (value) =>
      isFields(value) && (SPLAT_STAGES.includes(value.stage) || Number(value.current_round) < 0) && 'stage' in value,
    kept: (value) => ({ position: positionOf(value) }),
  }),
  splat({
    id: 'splat-state',
    files: ['state'],
    what: 'state.json without next_stage_eta',
    says: 'read as having no estimate, from which nothing follows',
    fits: (value) => isFields(value) && 'stage' in value && !('next_stage_eta' in value),
    read: (value) => (isFields(value) ? { ...value, next_stage_eta: null } : value),
  }),
  splat({
    id: 'splat-leader',
    files: ['leader'],
    what: 'leader.json with one leader and no history',
    says: 'from before leaders had weights and blocks: not derived again',
    fits: (value) => isFields(value) && 'hotkey' in value && !('transitions' in value),
  }),
  splat({
    id: 'splat-submissions',
    files: ['submissions'],
    what: 'submissions.json without cdn_url',
    says: 'miners submitted code only: read; reveals, order and builds are checked as ever',
    fits: (value) => hasFirst(value, 'repo') && !hasFirst(value, 'cdn_url'),
    read: (value) => mapEntries(value, (entry) => ({ ...entry, cdn_url: 'https://not-on-record.invalid/' })),
  }),
  splat({
    id: 'splat-builds',
    files: ['builds'],
    what: 'builds.json without tags',
    says: 'from before images were tagged with commit and round: builds are not held against submissions',
    fits: (value) => hasFirst(value, 'status') && !hasFirst(value, 'tag'),
  }),
  splat({
    id: 'splat-files',
    files: ['submitted', 'generated'],
    what: 'generations.json and generated.json with ply files',
    says: "what containers made: read, ply for glb. Miners submitted no files, so there is nothing to hold a container's against",
    fits: (value) => hasFirst(value, 'ply'),
    read: (value) => mapEntries(value, ({ ply, ...entry }) => ({ attempts: 0, distance: 0, ...entry, glb: ply })),
  }),
  splat({
    id: 'splat-chain',
    files: ['chainReport'],
    what: 'rounds/N/MINER/duels.json',
    says:
      'a challenger against whoever led when its turn came, one after another, without a matrix: read. The chain is ' +
      'followed in order of reveal, and its last winner held against leader.json',
    fits: (value) => isFields(value) && 'outcome' in value && 'leader' in value,
    read: (value) => value,
  }),
  splat({
    id: 'splat-report',
    files: ['matchReport'],
    what: 'match reports with ply files',
    says: 'read, ply for glb; outcomes without a judge followed other limits and are not derived again',
    fits: (value) => isFields(value) && firstEntry(value.duels) !== undefined && hasFirst(value.duels, 'left_ply'),
    read: (value) =>
      isFields(value)
        ? {
            ...value,
            duels: mapList(value.duels, ({ left_ply, right_ply, ...duel }) => ({
              ...duel,
              left_glb: left_ply,
              right_glb: right_ply,
            })),
          }
        : value,
    exempt: ['R2f'],
  }),
  {
    ...splat({
      id: 'splat-matrix',
      files: ['matchMatrix'],
      what: 'matches_matrix.csv with margins of ±100',
      says: 'a side without any file, whose match was not played: read as ±1, which decides the same',
      fits: (text) => typeof text === 'string' && text.search(NO_FILES_MARGIN) >= 0,
      read: (text) => (typeof text === 'string' ? text.replace(NO_FILES_MARGIN, ',$11$2') : text),
    }),
    era: 'several',
  },
  splat({
    id: 'splat-winner',
    files: ['winner'],
    what: 'winner.json with a hotkey only',
    says: "read; the winner's code and image are those of the builds",
    fits: (value) => isFields(value) && ('hotkey' in value || 'winner_hotkey' in value) && !('repo' in value),
    read: (value) =>
      isFields(value)
        ? { ...value, repo: 'not/on-record', commit: '0'.repeat(40), docker_image: 'not-on-record' }
        : value,
  }),
];

/** Round and stage of a state.json of another stage machine; undefined where it says neither as a state does. */
function positionOf(content: unknown): StagePositionOnRecord | undefined {
  const { current_round, stage } = isFields(content) ? content : {};
  if (typeof current_round !== 'number' || !Number.isSafeInteger(current_round) || typeof stage !== 'string') {
    return undefined;
  }
  return { current_round, stage: stage.slice(0, MOST_STAGE_CHARACTERS) };
}

function splat(format: Omit<OtherContent, 'era' | 'isRead'>): OtherContent {
  return { ...format, era: 'splats', isRead: format.read !== undefined };
}

function hasFirst(value: unknown, field: string): boolean {
  const first = firstEntry(value);
  return first !== undefined && field in first;
}
