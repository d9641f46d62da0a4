import {
  auditRequestsDue,
  deriveTimeline,
  isBaselineComplete,
  matchKey,
  standingAudits,
  standingBuilds,
  type Timeline,
  timelineInput,
  winnerOf,
} from '@tiltyard/rules/gen3d';
import type { Side } from '@tiltyard/schema';
import {
  type AuditRequest,
  type AuditRequests,
  type Builds,
  type GenerationAudits,
  type Generations,
  type LeaderHistory,
  type MatchMatrix,
  type MatchReport,
  type Prompt,
  type PromptImages,
  promptOf,
  type SourceAudits,
  type Submissions,
  stateFiles,
  type Winner,
} from '@tiltyard/schema/gen3d';
import { StateError } from '../state-error.js';
import type { RoundView } from './round-view.js';

/** Everything public that the duels stage decides from, at one commit. */
export interface DuelsState {
  readonly view: RoundView;
  readonly seed: number;
  readonly prompts: readonly Prompt[];
  /** Their pictures, as the round keeps them; undefined in rounds of before. */
  readonly promptImages: PromptImages | undefined;
  readonly submissions: Submissions;
  readonly baseline: Generations;
  readonly matrix: MatchMatrix;
  /** Reports by match, for the pairs in the matrix. */
  readonly reports: ReadonlyMap<string, MatchReport>;
  readonly requests: AuditRequests;
  readonly generationAudits: GenerationAudits;
  readonly sourceAudits: SourceAudits;
  readonly builds: Builds;
  readonly leaders: LeaderHistory;
}

/** Reads the stage's files. @throws StateError when one is missing that the stage begins with. */
export async function readDuels(view: RoundView): Promise<DuelsState> {
  const { snapshot, round } = view;
  const at = { round };
  const need = <T>(value: T | undefined, name: string): T => {
    if (value === undefined) throw new StateError({ code: 'missing', path: `rounds/${round}/${name}` });
    return value;
  };
  const { seed } = need(await snapshot.read(stateFiles.seed, at), 'seed.json');
  const lines = need(await snapshot.read(stateFiles.prompts, at), 'prompts.txt');
  const matrix = (await snapshot.read(stateFiles.matchMatrix, at)) ?? [];
  const reports = new Map<string, MatchReport>();
  for (const file of await snapshot.list(stateFiles.matchReport, at)) {
    const report = await file.read();
    reports.set(matchKey(report.left, report.right), report);
  }
  return {
    view,
    seed,
    prompts: lines.map(promptOf),
    promptImages: await snapshot.read(stateFiles.promptImages, at),
    submissions: need(await snapshot.read(stateFiles.submissions, at), 'submissions.json'),
    baseline: (await snapshot.read(stateFiles.generated, { round, side: 'leader' })) ?? {},
    matrix,
    reports,
    requests: (await snapshot.read(stateFiles.auditRequests, at)) ?? [],
    generationAudits: (await snapshot.read(stateFiles.generationAudits, at)) ?? {},
    sourceAudits: (await snapshot.read(stateFiles.sourceAudits, at)) ?? [],
    builds: (await snapshot.read(stateFiles.builds, at)) ?? {},
    leaders: (await snapshot.read(stateFiles.leader)) ?? [],
  };
}

/** The state with more reports: as it will be once they are published. */
export function withReports(state: DuelsState, more: readonly MatchReport[]): DuelsState {
  const reports = new Map(state.reports);
  for (const report of more) reports.set(matchKey(report.left, report.right), report);
  const rows = more.map(({ left, right, margin }) => ({ left, right, margin }));
  return { ...state, reports, matrix: [...state.matrix, ...rows] };
}

/** The timeline, derived again. */
export function timelineOf(state: DuelsState): Timeline {
  const { amended, rules } = state.view;
  const stems = state.prompts.map((prompt) => prompt.stem);
  return deriveTimeline(
    timelineInput(state.view, {
      ...state,
      reportAmendment: (left, right) => state.reports.get(matchKey(left, right))?.amendment,
      audits: standingAudits(state.generationAudits, amended),
      leaderBaselineComplete: isBaselineComplete(stems, state.baseline, rules.generation.max_attempts),
    }),
  );
}

/** Audit requests that the timeline calls for and that are not published yet. */
export function dueRequests(state: DuelsState, timeline: Timeline): readonly AuditRequest[] {
  const { tournament } = state.view.rules;
  return auditRequestsDue({
    timeline,
    requested: state.requests,
    report: (left, right) => state.reports.get(matchKey(left, right)),
    seed: state.seed,
    winMargin: tournament.win_margin,
    maxMismatchedMargin: tournament.max_mismatched_margin,
  });
}

/** winner.json for a decided timeline. */
export function decidedWinner(state: DuelsState, winner: Side): Winner {
  return winnerOf(winner, { leaders: state.leaders, builds: standingBuilds(state.builds, state.view.amended) });
}
