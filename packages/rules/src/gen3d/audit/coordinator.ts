import { type GenerationResult, type Generations, isUsable, type Rules, type Stem } from '@tiltyard/schema/gen3d';
import { trimmedMedian } from '../../statistics/trimmed-median.js';
import { isBaselineComplete } from '../duel/baseline.js';

/** How long a prompt stays with the pod that it was given to, in milliseconds: longer than a request may take. */
export const PROMPT_LOCK_MS = 600_000;

/** Where one prompt of a run stands. */
export interface PromptWork {
  readonly stem: Stem;
  /** Attempts that brought a result, good or bad. A pod that died brought none. */
  readonly attempts: number;
  /** Pods that the prompt was ever given to: none of them gets it again. */
  readonly triedBy: ReadonlySet<string>;
  readonly best: GenerationResult | undefined;
  /** The pod that works on it now. Times are milliseconds on the caller's monotonic clock. */
  readonly lock: { readonly pod: string; readonly untilMs: number } | undefined;
}

/** A miner's run, one entry a prompt, in the order in which fresh prompts are handed out. Never changed in place. */
export type Run = readonly PromptWork[];

/** The thresholds of a run. */
export type RunRules = Pick<Rules, 'generation' | 'verification'>;

/** A pod that may work: where it stands with retries, see `acceptsRetries`. */
export interface WorkingPod {
  readonly id: string;
  readonly acceptsRetries: boolean;
}

/**
 * Starts a run, or takes it up again from generated.json after a restart. Which pods had tried what is forgotten then: the pods
 * are gone too.
 */
export function startRun(stems: readonly Stem[], generated: Generations): Run {
  return stems.map((stem) => {
    const best = generated[stem];
    return { stem, attempts: best?.attempts ?? 0, triedBy: new Set<string>(), best, lock: undefined };
  });
}

/**
 * Which prompt a pod gets next: a fresh one, else a failed one, else one over the hard limit, else one over the median limit,
 * the slowest first and only while the trimmed median is over that limit. Among failed and hard overtime, the one with the
 * fewest attempts.
 *
 * A pod never gets a prompt twice, and a prompt that does not match what was submitted is not tried again: the container
 * made something else.
 *
 * @returns undefined when there is nothing for this pod, for now or for good: see {@link runState}.
 * @see docs/rules.md#re-runs
 */
export function nextPrompt(run: Run, pod: WorkingPod, nowMs: number, rules: RunRules): Stem | undefined {
  return firstFor(run, pod, rules, (work) => !isLocked(work, nowMs))?.stem;
}

/** Gives a prompt to a pod for {@link PROMPT_LOCK_MS}. */
export function handOut(run: Run, stem: Stem, pod: string, nowMs: number): Run {
  return change(run, stem, (work) => ({
    ...work,
    triedBy: new Set([...work.triedBy, pod]),
    lock: { pod, untilMs: nowMs + PROMPT_LOCK_MS },
  }));
}

/**
 * Keeps a prompt from other pods while our side still works on its answer: a file that waits to be rendered and measured must
 * not be made again. Nothing happens when the pod has lost the prompt.
 */
export function holdPrompt(run: Run, stem: Stem, pod: string, untilMs: number): Run {
  return change(run, stem, (work) => (work.lock?.pod === pod ? { ...work, lock: { pod, untilMs } } : work));
}

/**
 * Records what a pod made of a prompt, charges the attempt and frees the prompt. An answer of a pod that has lost the prompt to
 * another is dropped, so that no prompt is ever charged more than its attempts.
 */
export function recordResult(run: Run, stem: Stem, pod: string, result: GenerationResult): Run {
  return change(run, stem, (work) => {
    if (work.lock?.pod !== pod) return work;
    const attempts = work.attempts + 1;
    return { ...work, attempts, best: { ...betterResult(work.best, result), attempts }, lock: undefined };
  });
}

/**
 * Frees what a pod holds because the pod is gone, or because our side lost its answer. No attempt is charged: a dead pod says
 * nothing about the prompt.
 */
export function releasePod(run: Run, pod: string): Run {
  return run.map((work) => (work.lock?.pod === pod ? { ...work, lock: undefined } : work));
}

/** The better of two results of one prompt: any success beats a failure, then the faster; the earlier one when even. */
export function betterResult(before: GenerationResult | undefined, now: GenerationResult): GenerationResult {
  if (before === undefined) return now;
  if (!isUsable(now)) return before;
  return !isUsable(before) || now.generation_time < before.generation_time ? now : before;
}

/**
 * Whether a run goes on.
 *
 * - `running`: some pod may still do something.
 * - `done`: nothing more can be gained; the verdict is due. `open` are the prompts that had attempts left.
 * - `stranded`: pods were lost on our side and no more may be started. That gives no verdict.
 */
export type RunState =
  | { readonly kind: 'running'; readonly open: readonly Stem[] }
  | {
      readonly kind: 'done';
      readonly because: 'all_settled' | 'no_pod_takes_more' | 'pods_failed' | 'hopeless';
      readonly open: readonly Stem[];
    }
  | { readonly kind: 'stranded'; readonly open: readonly Stem[] };

/** The pods as far as a run's end depends on them, see `podsToStart`. */
export interface RunPods {
  readonly working: readonly WorkingPod[];
  /** Pods that are starting up, or may still be started. */
  readonly toCome: number;
  /** Pods that our side or the provider lost. */
  readonly lost: number;
}

/** What a run is for: a leader's own files, which challengers play against, or the re-run of a challenger. */
export type RunPurpose = 'baseline' | 'audit';

/**
 * Tells whether a run goes on.
 *
 * A baseline is done as soon as it is complete, whatever is still out: challengers may play it from then on, so its files must
 * not change any more. An audit also ends as hopeless, once so many prompts mismatch that its rejection is certain.
 *
 * @see docs/rules.md#re-runs
 */
export function runState(run: Run, pods: RunPods, nowMs: number, rules: RunRules, purpose: RunPurpose): RunState {
  const median = coordinationMedian(run, rules);
  const open = run.filter((work) => wantsWork(work, median, rules) !== undefined).map((work) => work.stem);
  if (purpose === 'baseline' && isBaselineRun(run, rules)) return { kind: 'done', because: 'all_settled', open };
  if (purpose === 'audit' && isHopeless(run, rules)) return { kind: 'done', because: 'hopeless', open };
  if (run.some((work) => isLocked(work, nowMs))) return { kind: 'running', open };
  if (open.length === 0) return { kind: 'done', because: 'all_settled', open };
  const anyCan = pods.working.some((pod) => firstFor(run, pod, rules, () => true) !== undefined);
  if (anyCan || pods.toCome > 0) return { kind: 'running', open };
  if (pods.working.length > 0) return { kind: 'done', because: 'no_pod_takes_more', open };
  return pods.lost > 0 ? { kind: 'stranded', open } : { kind: 'done', because: 'pods_failed', open };
}

/**
 * Prompts that will count against the miner whatever else happens: too different, or failed or over the hard limit with all
 * attempts used.
 */
export function settledMismatches(run: Run, rules: RunRules): number {
  return run.filter(({ best }) => best !== undefined && isSettledMismatch(best, rules)).length;
}

/** Whether a result is one of {@link settledMismatches}. */
export function isSettledMismatch(result: GenerationResult, { generation, verification }: RunRules): boolean {
  if (isUsable(result) && result.distance > verification.acceptable_distance) return true;
  return (
    result.attempts >= generation.max_attempts &&
    (!isUsable(result) || result.generation_time > generation.hard_limit_seconds)
  );
}

/**
 * True once an audit need not go on: twice the tolerated mismatches. Where the tolerances are so small that this would not
 * prove a rejection, one more than all that could be tolerated.
 */
export function isHopeless(run: Run, rules: RunRules): boolean {
  const { max_mismatched_prompts: most, max_mismatched_critical_prompts: mostCritical } = rules.verification;
  return settledMismatches(run, rules) >= Math.max(2 * most, most + mostCritical + 1);
}

/** A prompt's time while coordinating, in seconds: failures and missing results count as the hard limit, and none above it. */
export function effectiveSeconds(result: GenerationResult | undefined, hardLimitSeconds: number): number {
  return result === undefined || !isUsable(result)
    ? hardLimitSeconds
    : Math.min(result.generation_time, hardLimitSeconds);
}

function isBaselineRun(run: Run, { generation }: RunRules): boolean {
  return isBaselineComplete(
    run.map((work) => work.stem),
    Object.fromEntries(run.flatMap(({ stem, best }) => (best === undefined ? [] : [[stem, best]]))) as Generations,
    generation.max_attempts,
  );
}

type Priority = 'fresh' | 'failed' | 'hard_overtime' | 'soft_overtime';
const RETRIES: readonly Priority[] = ['failed', 'hard_overtime', 'soft_overtime'];

function coordinationMedian(run: Run, { generation }: RunRules): number {
  const times = run.map((work) => effectiveSeconds(work.best, generation.hard_limit_seconds));
  return trimmedMedian(times, generation.median_trim) ?? 0;
}

/** Why a prompt is worth another attempt, or undefined when it is not. */
function wantsWork({ attempts, best }: PromptWork, median: number, rules: RunRules): Priority | undefined {
  const { max_attempts, hard_limit_seconds, median_limit_seconds } = rules.generation;
  if (attempts >= max_attempts) return undefined;
  if (best === undefined) return attempts === 0 ? 'fresh' : 'failed';
  if (!isUsable(best)) return 'failed';
  if (best.distance > rules.verification.acceptable_distance) return undefined;
  if (best.generation_time >= hard_limit_seconds) return 'hard_overtime';
  return best.generation_time > median_limit_seconds && median > median_limit_seconds ? 'soft_overtime' : undefined;
}

/** The first prompt in order of priority that a pod may get, among those that `isFree`. */
function firstFor(
  run: Run,
  pod: WorkingPod,
  rules: RunRules,
  isFree: (work: PromptWork) => boolean,
): PromptWork | undefined {
  const median = coordinationMedian(run, rules);
  const candidates = run.filter((work) => isFree(work) && !work.triedBy.has(pod.id));
  const of = (priority: Priority) => candidates.filter((work) => wantsWork(work, median, rules) === priority);
  const fresh = of('fresh')[0];
  if (fresh !== undefined || !pod.acceptsRetries) return fresh;
  for (const priority of RETRIES) {
    const retry = of(priority).toSorted(priority === 'soft_overtime' ? slowestFirst : fewestAttemptsFirst)[0];
    if (retry !== undefined) return retry;
  }
  return undefined;
}

const fewestAttemptsFirst = (a: PromptWork, b: PromptWork) => a.attempts - b.attempts;
const slowestFirst = (a: PromptWork, b: PromptWork) => (b.best?.generation_time ?? 0) - (a.best?.generation_time ?? 0);

function isLocked({ lock }: PromptWork, nowMs: number): boolean {
  return lock !== undefined && nowMs < lock.untilMs;
}

function change(run: Run, stem: Stem, update: (work: PromptWork) => PromptWork): Run {
  return run.map((work) => (work.stem === stem ? update(work) : work));
}
