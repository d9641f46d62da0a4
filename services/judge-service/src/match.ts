import { setMaxListeners } from 'node:events';
import { mayBeAboutThePicture } from '@tiltyard/judge';
import type { DuelResult, Judge } from '@tiltyard/judge/gen3d';
import { type ForcedOutcome, forcedOutcomes, type MatchToPlay, matchKey, scoreOf } from '@tiltyard/rules/gen3d';
import { LEADER, type Side } from '@tiltyard/schema';
import {
  type Duel,
  type GenerationResult,
  type Generations,
  type MatchReport,
  type Prompt,
  type PromptImage,
  type Stem,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import { type JobContext, StateError } from '@tiltyard/service-kit';
import type { DuelsState } from '@tiltyard/service-kit/gen3d';

/** A match to be judged, with the state that its sides' files are read from. */
export interface MatchJob {
  readonly match: MatchToPlay;
  readonly state: DuelsState;
}

/** A judged match, or why the judge did not answer on all of its duels. An unresolved match counts for no one. */
export type MatchOutcome = { readonly resolved: true; readonly report: MatchReport } | Unresolved;

/**
 * A match that is to be tried again. `refused` are the prompts that the judge will not answer on while it answers on the others:
 * waiting does not help. `nonsense` are those on which it says nothing usable, which is no one's fault. Both are empty where
 * the judge is out of reach.
 */
export interface Unresolved {
  readonly resolved: false;
  readonly reason: string;
  readonly refused: readonly Stem[];
  readonly nonsense: readonly Stem[];
}

type Files = ReadonlyMap<Stem, GenerationResult>;

/**
 * Judges all duels of a match. Forced outcomes come first and need no judge; the others go to the judge at once, whose
 * own queue keeps the endpoint's concurrency.
 *
 * @see docs/rules.md#judging
 */
export async function runMatch({ match, state }: MatchJob, judge: Judge, context: JobContext): Promise<MatchOutcome> {
  const { rules } = state.view;
  const left = await filesOf(state, match.left);
  const right = await filesOf(state, match.right);
  const forced = forcedOutcomes({
    prompts: state.prompts.map((prompt) => prompt.stem),
    left,
    right,
    hardLimitSeconds: rules.generation.hard_limit_seconds,
    overtimeToleranceRatio: rules.generation.overtime_tolerance_ratio,
  });
  const amendment = rejudgeOf(state, match);
  let judged = forced.size;
  // One duel that our side cannot ask about ends the others: the match is tried again as a whole, and finds the answers
  // that were kept.
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  // All duels wait with this signal, and each takes its listeners away again: many are no leak.
  setMaxListeners(0, signal);
  const duels = state.prompts.map(async (prompt): Promise<Duel | OpenDuel> => {
    const sides = { prompt, left: left.get(prompt.stem), right: right.get(prompt.stem) };
    const known = forced.get(prompt.stem);
    if (known !== undefined) return duelOf(sides, known);
    const image = state.promptImages?.[prompt.stem];
    const outcome = await ask(judge, sides, { image, seed: state.seed, amendment, purpose: match.purpose, signal });
    judged += 1;
    context.progress(`${judged} of ${state.prompts.length} duels`);
    return outcome.resolved ? duelOf(sides, outcome) : { stem: prompt.stem, ...outcome };
  });
  let outcomes: readonly (Duel | OpenDuel)[];
  try {
    outcomes = await Promise.all(duels);
  } finally {
    stop.abort();
    await Promise.allSettled(duels);
  }
  const open = outcomes.filter((outcome) => 'resolved' in outcome);
  if (open.length > 0) return unresolved(open, outcomes.length - forced.size - open.length);
  return { resolved: true, report: reportOf(match, outcomes as readonly Duel[], judge, amendment) };
}

type OpenDuel = Extract<DuelResult, { resolved: false }> & { readonly stem: Stem };

/**
 * Says what a match is open for. A match with an open duel is not written, refusals included: as a draw they would shield a
 * defender, who could then have its pictures refused where it would lose; as a loss they would make one host's filter a
 * verdict, which no one could check, since the rules name the model and not its host.
 *
 * @param answered - Duels that the judge did answer.
 */
function unresolved(open: readonly OpenDuel[], answered: number): Unresolved {
  const stems = open.map(({ stem }) => stem);
  const isRefusal = answered > 0 && open.every(({ reason }) => mayBeAboutThePicture(reason));
  const isNonsense =
    answered > 0 &&
    !isRefusal &&
    open.every(({ reason }) => reason.code === 'nonsense' || mayBeAboutThePicture(reason));
  return {
    resolved: false,
    reason: `${open.length} duels are unresolved: ${open[0]?.message}`,
    refused: isRefusal ? stems : [],
    nonsense: isNonsense ? stems : [],
  };
}

/** The amendment that a match is judged under: the operator's last order to judge it again. */
export function rejudgeOf(
  { view }: DuelsState,
  { left, right }: Pick<MatchToPlay, 'left' | 'right'>,
): number | undefined {
  return view.amended.rejudgedMatches.get(matchKey(left, right));
}

function reportOf(
  { left, right }: MatchToPlay,
  outcomes: readonly Duel[],
  judge: Judge,
  amendment: number | undefined,
): MatchReport {
  const duels = outcomes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    left,
    right,
    ...scoreOf(duels),
    duels,
    judge: { models: [...judge.models], strategy: judge.strategy },
    ...(amendment === undefined ? {} : { amendment }),
  };
}

interface DuelSides {
  readonly prompt: Prompt;
  readonly left: GenerationResult | undefined;
  readonly right: GenerationResult | undefined;
}

/** The leader plays what its container generated for this round, a miner what it submitted. */
async function filesOf({ view, baseline }: DuelsState, side: Side): Promise<Files> {
  const at = { round: view.round, side };
  const files: Generations | undefined =
    side === LEADER ? baseline : await view.snapshot.read(stateFiles.submitted, at);
  // Everyone in the duels has one, with an entry for each prompt: if it is gone, that is no lost match.
  if (files === undefined) throw new StateError({ code: 'missing', path: stateFiles.submitted.path.format(at) });
  return new Map(Object.entries(files) as [Stem, GenerationResult][]);
}

interface Asking {
  /** The prompt's picture as the round keeps it; undefined for texts, and in rounds of before. */
  readonly image: PromptImage | undefined;
  readonly seed: number;
  readonly amendment: number | undefined;
  readonly purpose: MatchToPlay['purpose'];
  readonly signal: AbortSignal;
}

/** What decides the round goes first; exploratory matches fill what the endpoint has left. */
const PRIORITIES: Readonly<Record<MatchToPlay['purpose'], number>> = { timeline: 2, qualification: 1, exploratory: 0 };

async function ask(
  judge: Judge,
  { prompt, left, right }: DuelSides,
  { image, seed, amendment, purpose, signal }: Asking,
): Promise<DuelResult> {
  // Forced outcomes have taken every duel without two previews.
  if (!left?.png || !right?.png) throw new Error(`${prompt.stem}: a side has no preview`);
  return await judge.duel({
    prompt:
      prompt.kind === 'text' ? { text: prompt.text } : { imageUrl: image?.url ?? prompt.url, sha256: image?.sha256 },
    left: { gridUrl: left.png, gridSha256: left.png_sha256 },
    right: { gridUrl: right.png, gridSha256: right.png_sha256 },
    seed,
    // For a match that is judged again on an operator's order, every question is asked again.
    attempt: amendment ?? 0,
    priority: PRIORITIES[purpose],
    signal,
  });
}

type Judged = Extract<DuelResult, { resolved: true }>;

function duelOf({ prompt, left, right }: DuelSides, outcome: ForcedOutcome | Judged): Duel {
  return {
    name: prompt.stem,
    prompt: prompt.kind === 'image' ? prompt.url : prompt.line,
    left_glb: left?.glb ?? null,
    left_png: left?.png ?? null,
    right_glb: right?.glb ?? null,
    right_png: right?.png ?? null,
    winner: outcome.winner,
    issues: outcome.issues,
    ...('resolved' in outcome ? { detail: outcome.detail, evidence: outcome.evidence } : {}),
  };
}
