import { allowedSigners } from '../allowed-signers.js';
import { append, type ChangeFault, manual, once, report, settle, transition } from '../change.js';
import { csv, json, lines } from '../codec.js';
import { sameValue } from '../same-value.js';
import { defineStateFile, knownPathIn, type StateFile, type StateFileOptions } from '../state-file.js';
import type { ParamValues } from '../text-template.js';
import type { AmendedContext } from './amended-context.js';
import { type Amendment, Amendments } from './files/amendments.js';
import { AuditRequests, GenerationAudits, SourceAudits } from './files/audits.js';
import { Builds } from './files/builds.js';
import { Config } from './files/config.js';
import { Generations } from './files/generations.js';
import { type LeaderEntry, LeaderHistory } from './files/leader.js';
import { MATCH_COLUMNS, MatchMatrix, MatchReport } from './files/matches.js';
import { PodStats } from './files/pod-stats.js';
import { PromptImages } from './files/prompt-images.js';
import { PromptLines } from './files/prompts.js';
import { Rules } from './files/rules.js';
import { Schedule } from './files/schedule.js';
import { Seed } from './files/seed.js';
import { CompetitionState } from './files/state.js';
import { Submissions } from './files/submissions.js';
import { Winner } from './files/winner.js';
import { heldStageFaults } from './held-stage.js';
import { matchReportOnce, repeatedMatches } from './match-changes.js';
import { SERVICES, type ServiceName } from './names.js';
import { type AnyPathParams, PATH_PARAMS, type PathOf, type PathParams } from './paths.js';
import { auditsSettle, buildsSettle, generatedSettle, submittedSettle } from './settling.js';
import { STAGE_OWNERS, type Stage } from './stage-machine.js';

/** Files of a few fields: what is longer is no such file. */
const SMALL_BYTES = 1024 * 1024;

const GENERATING = ['miner_generation', 'downloading', 'duels'] as const;

/** A state file of this competition. */
export interface Gen3dFile<T = unknown, Params = AnyPathParams> extends StateFile<T, Params, AmendedContext> {
  readonly writers: readonly ServiceName[];
  readonly stages?: readonly Stage[];
}

/** Declares a state file of this competition. */
export function stateFile<T, Template extends string>(
  options: StateFileOptions<T, Template, AmendedContext> & Pick<Gen3dFile, 'writers' | 'stages'>,
): Gen3dFile<T, ParamValues<Template, PathParams>> {
  // Writers and stages are those of the options.
  return defineStateFile(PATH_PARAMS, options) as Gen3dFile<T, ParamValues<Template, PathParams>>;
}

/** Every file of a competition's state repository: what it holds, who writes it, when, and how it may change. */
export const stateFiles = {
  config: stateFile({
    path: 'config.json',
    codec: json(Config),
    maxBytes: SMALL_BYTES,
    writers: ['operator'],
    change: manual({ frozen: true }),
    says: 'What the operator fixes before the start: dates, lengths, margins, numbers of prompts.',
  }),
  state: stateFile({
    path: 'state.json',
    codec: json(CompetitionState),
    maxBytes: SMALL_BYTES,
    writers: STAGE_OWNERS,
    change: transition(stageChangeFaults),
    says: 'Where the competition stands: round, stage, estimated time of the next stage.',
  }),
  leader: stateFile({
    path: 'leader.json',
    codec: json(LeaderHistory),
    writers: ['round-manager'],
    stages: ['finalizing'],
    change: append(risingBlocks),
    says: 'Who has led, from which block on, with what weight. The last entry in effect is the leader.',
  }),
  promptPool: stateFile({
    path: 'prompts.txt',
    codec: lines(PromptLines),
    writers: ['operator'],
    change: manual(),
    says: 'The pool that rounds draw their prompts from, one a line: an image URL, or "text: …".',
  }),
  allowedSigners: stateFile({
    path: 'allowed_signers',
    codec: lines(allowedSigners(SERVICES)),
    maxBytes: SMALL_BYTES,
    writers: ['operator'],
    change: manual(),
    says: "Whose SSH keys may sign for which service, in OpenSSH's format.",
    ours: true,
  }),
  schedule: stateFile({
    path: 'rounds/{round}/schedule.json',
    codec: json(Schedule),
    maxBytes: SMALL_BYTES,
    writers: ['round-manager'],
    stages: ['finalizing'],
    round: 'next',
    change: once(),
    says: 'The blocks of a round: reveals from, reveals until, generation until.',
  }),
  rules: stateFile({
    path: 'rounds/{round}/rules.json',
    codec: json(Rules),
    maxBytes: SMALL_BYTES,
    writers: ['round-manager'],
    stages: ['finalizing'],
    round: 'next',
    change: once(),
    says: 'Every threshold of a round, frozen with its schedule, and the software that applies them.',
    ours: true,
  }),
  seed: stateFile({
    path: 'rounds/{round}/seed.json',
    codec: json(Seed),
    maxBytes: SMALL_BYTES,
    writers: ['submission-collector'],
    stages: ['open'],
    change: once(),
    says: "The round's seed and the block whose hash it follows from.",
  }),
  prompts: stateFile({
    path: 'rounds/{round}/prompts.txt',
    codec: lines(PromptLines),
    writers: ['submission-collector'],
    stages: ['open'],
    change: once(),
    says: "The round's prompts, one a line.",
  }),
  promptImages: stateFile({
    path: 'rounds/{round}/prompt_images.json',
    codec: json(PromptImages),
    writers: ['submission-collector'],
    stages: ['open'],
    change: once(),
    says: "The pictures of the round's prompts, by content: what judges and containers were given.",
    ours: true,
  }),
  submissions: stateFile({
    path: 'rounds/{round}/submissions.json',
    codec: json(Submissions),
    writers: ['submission-collector'],
    stages: ['open'],
    change: once({ same: isSameOrder }),
    says: 'What the miners revealed on chain, in order of reveal.',
  }),
  submitted: stateFile({
    path: 'rounds/{round}/{side}/submitted.json',
    codec: json(Generations),
    writers: ['submission-collector'],
    stages: ['downloading'],
    change: settle(submittedSettle),
    says: "A miner's files as downloaded and rendered, or why there are none.",
  }),
  builds: stateFile({
    path: 'rounds/{round}/builds.json',
    codec: json(Builds),
    writers: ['generation-orchestrator'],
    stages: GENERATING,
    change: settle(buildsSettle),
    says: "The build of every submission's container image.",
  }),
  generated: stateFile({
    path: 'rounds/{round}/{side}/generated.json',
    codec: json(Generations),
    writers: ['generation-orchestrator'],
    stages: GENERATING,
    change: settle(generatedSettle),
    says: 'What a container made when it was run again, its times, and its distance from what was submitted.',
  }),
  podStats: stateFile({
    path: 'rounds/{round}/{side}/pod_stats.json',
    codec: json(PodStats),
    writers: ['generation-orchestrator'],
    stages: GENERATING,
    change: report(),
    says: 'How each pod did.',
  }),
  auditRequests: stateFile({
    path: 'rounds/{round}/require_audit.json',
    codec: json(AuditRequests),
    writers: ['judge-service'],
    stages: ['duels'],
    change: append(),
    says: 'Whose container must be run again, and the prompts that their win depended on.',
  }),
  generationAudits: stateFile({
    path: 'rounds/{round}/generation_audits.json',
    codec: json(GenerationAudits),
    writers: ['generation-orchestrator'],
    stages: GENERATING,
    change: settle(auditsSettle),
    says: 'The verdicts of those runs.',
  }),
  sourceAudits: stateFile({
    path: 'rounds/{round}/source_audit.json',
    codec: json(SourceAudits),
    writers: ['operator'],
    change: manual(),
    says: "A person's verdicts on source code.",
  }),
  matchMatrix: stateFile({
    path: 'rounds/{round}/matches_matrix.csv',
    codec: csv(MATCH_COLUMNS, MatchMatrix),
    writers: ['judge-service'],
    stages: ['duels'],
    change: append(repeatedMatches),
    says: 'One row a match: defender, challenger, margin. Positive: the challenger won.',
  }),
  matchReport: stateFile({
    path: 'rounds/{round}/{side}/duels_{left}.json',
    codec: json(MatchReport),
    writers: ['judge-service'],
    stages: ['duels'],
    change: once(matchReportOnce),
    says: 'Every duel of a match. The folder is the challenger, the file name the defender.',
  }),
  winner: stateFile({
    path: 'rounds/{round}/winner.json',
    codec: json(Winner),
    maxBytes: SMALL_BYTES,
    writers: ['judge-service'],
    stages: ['duels'],
    change: once(),
    says: 'Who won the round; "leader" when the leader defended.',
  }),
  amendments: stateFile({
    path: 'rounds/{round}/amendments.json',
    codec: json(Amendments),
    writers: ['operator'],
    change: append(resumesWhatIsHeld),
    says: "The operator's corrections. Services derive from them.",
    ours: true,
  }),
} as const;

/** The name of a state file in the table. */
export type StateFileName = keyof typeof stateFiles;

/** The table as a list, for code that handles every file alike. */
export const STATE_FILES: readonly (readonly [StateFileName, Gen3dFile])[] = Object.entries(stateFiles) as never;

/** A path's entry in the table. */
export interface KnownPath extends PathOf<StateFileName> {
  readonly file: Gen3dFile;
}

/** Finds a path in the table; undefined when it is no state file (a README, say). */
export function knownPath(path: string): KnownPath | undefined {
  return knownPathIn(stateFiles, path) as KnownPath | undefined;
}

/** A pause is the operator's: see {@link heldStageFaults}. */
function stageChangeFaults(
  before: CompetitionState,
  after: CompetitionState,
  { amendments }: AmendedContext,
): readonly ChangeFault[] {
  const move = `${before.stage} of round ${before.current_round} → ${after.stage} of round ${after.current_round}`;
  const holds = [before.stage, after.stage].includes('paused');
  return heldStageFaults(before, after, amendments).map(({ code }) => ({
    code,
    severity: 'error',
    detail: holds && code === 'illegal_edge' ? `${move}, which the latest pause or resume does not order` : move,
  }));
}

/** Old entries may be as they are: an append is not to blame for them. */
function risingBlocks(before: readonly LeaderEntry[], after: readonly LeaderEntry[]): readonly ChangeFault[] {
  const at = after.findIndex(
    (entry, index) =>
      index >= before.length && index > 0 && entry.effective_block <= (after[index - 1]?.effective_block ?? -1),
  );
  if (at === -1) return [];
  return [{ code: 'order', severity: 'error', key: String(at), detail: 'effective_block does not increase' }];
}

/** The order of reveals decides who meets whom, so it is part of what submissions.json says. */
function isSameOrder(before: Submissions, after: Submissions): boolean {
  return sameValue(before, after) && sameValue(Object.keys(before), Object.keys(after));
}

/** A competition goes on in the stage that it was held in: a `resume` that names another could never be obeyed. */
function resumesWhatIsHeld(before: readonly Amendment[], after: readonly Amendment[]): readonly ChangeFault[] {
  const faults: ChangeFault[] = [];
  let held: Stage | undefined;
  for (const [index, amendment] of after.entries()) {
    if (amendment.action === 'pause') held = amendment.stage;
    if (index < before.length || amendment.action !== 'resume' || held === amendment.stage) continue;
    const detail = held === undefined ? 'nothing was paused' : `resumes ${amendment.stage}, and ${held} was paused`;
    faults.push({ code: 'order', severity: 'error', key: String(index), detail });
  }
  return faults;
}
