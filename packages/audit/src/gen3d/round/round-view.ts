import {
  projectAmendments,
  type RoundTerms,
  revealOrder,
  standingAudits,
  standingBuilds,
  type TimelineInput,
  thresholdsOf,
  timelineInput,
} from '@tiltyard/rules/gen3d';
import { LEADER } from '@tiltyard/schema';
import {
  type Builds,
  type GenerationAudits,
  type MatchMatrix,
  type SourceAudits,
  stateFiles,
  type Thresholds,
} from '@tiltyard/schema/gen3d';
import type { FileProblem, Tree } from '../../replay/tree.js';
import type { RoundEra } from '../legacy/era-order.js';
import { fileOf, reportOf, sideFile, straysOf, valueIn } from '../tree.js';
import { hasVerdictsBefore, laterFactsOf, withLaterAudits } from './later-audits.js';

/**
 * What a round's decisions follow from, at one commit. Whoever has a row against the leader has played it, so the baseline
 * counts as complete.
 */
export interface RoundRecord extends RoundTerms, TimelineInput {
  /** How many prompts the round has. */
  readonly prompts: number;
  readonly matrix: MatchMatrix;
  /** Audits and builds that count, amendments considered. */
  readonly audits: GenerationAudits;
  readonly sourceAudits: SourceAudits;
  readonly builds: Builds;
  /** True where verdicts are not on record and follow from the last rule that the later competition is known by. */
  readonly isByLaterRule: boolean;
}

/** A round's thresholds at a commit; undefined while config.json is not there or cannot be read. */
export function rulesAt(tree: Tree, round: number): Thresholds | undefined {
  const config = valueIn(tree, 'config', {});
  return config === undefined ? undefined : thresholdsOf(config, valueIn(tree, 'rules', { round }));
}

/**
 * Gathers what a round's decisions follow from. A file that is not there yet is empty.
 *
 * @returns undefined while there is no config.json or no submissions.json to decide by, and where a file that decides is
 * there and cannot be read: nothing is derived from half a record.
 */
export function roundRecord(tree: Tree, round: number): RoundRecord | undefined {
  const config = valueIn(tree, 'config', {});
  const rules = rulesAt(tree, round);
  const submissions = valueIn(tree, 'submissions', { round });
  if (config === undefined || rules === undefined || submissions === undefined || hasUnreadable(tree, round)) {
    return undefined;
  }
  // Beside what is of another era nothing is derived: it is there to decide.
  if (straysOf(tree, round).length > 0) return undefined;
  const amended = projectAmendments(valueIn(tree, 'amendments', { round }) ?? []);
  const matrix = valueIn(tree, 'matchMatrix', { round }) ?? [];
  const onRecord = standingAudits(valueIn(tree, 'generationAudits', { round }) ?? {}, amended);
  const later = hasVerdictsBefore(tree, round) ? undefined : laterFactsOf(tree, round, rules.tournament.win_margin);
  const sourceAudits = valueIn(tree, 'sourceAudits', { round }) ?? [];
  const audits = withLaterAudits(onRecord, later, revealOrder(submissions));
  const input = timelineInput(
    { rules, amended },
    {
      ...{ submissions, matrix, audits, sourceAudits, leaderBaselineComplete: true },
      reportAmendment: (left, right) => reportOf(tree, round, left, right)?.amendment,
    },
  );
  return {
    ...input,
    round,
    config,
    rules,
    prompts: valueIn(tree, 'prompts', { round })?.length ?? 0,
    matrix,
    audits,
    sourceAudits,
    builds: standingBuilds(valueIn(tree, 'builds', { round }) ?? {}, amended),
    isByLaterRule: audits !== onRecord,
    amended,
    ...(isUnaudited(tree, round) ? { standing: () => ({ status: 'approved' }) as const } : {}),
  };
}

/**
 * Whether a round was decided as in the first competition: miners submitted code only, its winner names a hotkey only, and
 * nobody was audited.
 */
function isUnaudited(tree: Tree, round: number): boolean {
  if (roundEraOf(tree, round) !== 'splats' || fileOf(tree, 'winner', { round })?.content.format === undefined)
    return false;
  const audits = ['auditRequests', 'generationAudits', 'sourceAudits'] as const;
  return audits.every((name) => fileOf(tree, name, { round }) === undefined);
}

/** By which competition's rules a round is decided: the formats of its own files say so. */
export function roundEraOf(tree: Tree, round: number): RoundEra {
  if (fileOf(tree, 'submissions', { round })?.content.format?.era === 'splats') return 'splats';
  return sideFile(tree, round, LEADER)?.content.format?.era === 'scripts' ? 'scripts' : 'meshes';
}

const DECIDING = ['rules', 'amendments', 'matchMatrix', 'generationAudits', 'sourceAudits', 'builds'] as const;

function hasUnreadable(tree: Tree, round: number): boolean {
  return DECIDING.some((name) => fileOf(tree, name, { round })?.content.problem !== undefined);
}

/** Whether a file that decides a round is there, and its content not in this repository. */
export function hasMissing(tree: Tree, round: number): boolean {
  return hasProblem(tree, round, 'missing');
}

/** Whether a file that decides a round is of a format that nothing is derived from. */
export function isOfOtherFormat(tree: Tree, round: number): boolean {
  return hasProblem(tree, round, 'other_format');
}

function hasProblem(tree: Tree, round: number, kind: FileProblem['kind']): boolean {
  const files = [
    fileOf(tree, 'config', {}),
    fileOf(tree, 'submissions', { round }),
    ...DECIDING.map((name) => fileOf(tree, name, { round })),
  ];
  return files.some((file) => file?.content.problem?.kind === kind);
}

/** How many files a verdict names. */
const MOST_REASONS = 4;

/** Why a round is not derived, in words: which files are not there, cannot be read, or are of another era's format. */
export function unreadableBecause(tree: Tree, round: number): string {
  const config = fileOf(tree, 'config', {});
  const needed = [
    ['config.json', config, true],
    ['submissions.json', fileOf(tree, 'submissions', { round }), true],
    ...DECIDING.map((name) => [fileNameOf(name), fileOf(tree, name, { round }), false] as const),
  ] as const;
  const reasons = needed.flatMap(([name, file, isRequired]) => {
    if (file === undefined) return isRequired ? [`${name} is not there`] : [];
    const { problem } = file.content;
    // Those of another era are told with all other files that are.
    if (problem === undefined || problem.kind === 'other_era') return [];
    return [`${name} ${whyNot(problem)}`];
  });
  const strays = straysOf(tree, round).map(
    ({ path, content }) => `${path.replace(/^.*\//, '')} ${content.stray}: it counts for nothing`,
  );
  const all = [...new Set([...strays, ...reasons])];
  const more = all.length > MOST_REASONS ? `; and ${all.length - MOST_REASONS} more files` : '';
  return `${all.slice(0, MOST_REASONS).join('; ')}${more}` || 'the files that it follows from cannot be read';
}

function whyNot(problem: FileProblem): string {
  if (problem.kind === 'other_format') return problem.detail;
  return problem.kind === 'missing' ? 'is not in this repository' : 'cannot be read';
}

function fileNameOf(name: (typeof DECIDING)[number]): string {
  return stateFiles[name].path.template.replace(/^.*\//, '');
}
