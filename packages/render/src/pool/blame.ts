import type { GlbFault } from '../glb-fault.js';
import { RenderError } from '../render-error.js';
import type { JobOutcome } from './job.js';
import type { Attempt } from './worker-process.js';

/** One try at a job. */
export interface Try {
  readonly attempt: Attempt;
  /** What it cost by the file's own doing, see `JobCost`. */
  readonly spentMs: number;
  /** Whether the worker was new and had the pool to itself, so that nothing else can have spoiled the try. */
  readonly isolated: boolean;
}

export type Decision =
  | { readonly kind: 'outcome'; readonly outcome: JobOutcome }
  | { readonly kind: 'fault'; readonly fault: GlbFault }
  | { readonly kind: 'error'; readonly error: RenderError }
  /** Once more, isolated, and for no more than this. */
  | { readonly kind: 'again'; readonly budgetMs: number };

/** A file is at fault when it ends this many isolated workers. */
const STRIKES = 2;
const TWICE = { count: STRIKES, limit: 0 } as const;
/** Tries at one job in all, those included that the machine spoiled. */
const MAX_TRIES = 3;

/**
 * Decides what the tries at a job mean: the file's fault, ours, or not known yet.
 *
 * A deadline is held against the file's own cost, so one that has passed is certain: no second try. All tries share one
 * deadline. A try that lost its time to a worker killed from outside proves nothing when the rest does not suffice.
 */
export function decide(tries: readonly Try[], deadlineMs: number, memoryLimitBytes: number): Decision {
  const last = tries.at(-1);
  if (!last) return { kind: 'again', budgetMs: deadlineMs };
  const { attempt } = last;
  if (attempt.kind === 'outcome') return attempt;
  const killed = tries.map((one) => one.attempt).find((one) => one.kind === 'killed');
  const spentMs = tries.reduce((sum, one) => sum + one.spentMs, 0);
  const budgetMs = deadlineMs - spentMs;
  if (attempt.kind === 'deadline' || budgetMs <= 0) {
    return killed
      ? { kind: 'error', error: errorOf(killed, spentMs) }
      : { kind: 'fault', fault: { code: 'timeout', deadlineMs } };
  }
  if (attempt.kind === 'starved') return { kind: 'error', error: errorOf(attempt, spentMs) };
  const strikes = tries.filter(({ attempt: { kind }, isolated }) => isolated && kind !== 'killed').length;
  if (strikes >= STRIKES) return { kind: 'fault', fault: faultOf(attempt, memoryLimitBytes) };
  return tries.length < MAX_TRIES ? { kind: 'again', budgetMs } : { kind: 'error', error: errorOf(attempt, spentMs) };
}

type Failure = Exclude<Attempt, { readonly kind: 'outcome' | 'deadline' }>;

/** The verdict on a file that ended worker after worker: the last thing that it did. */
function faultOf(attempt: Failure, limit: number): GlbFault {
  if (attempt.kind === 'memory') {
    return { code: 'too_complex', what: 'bytes of memory', count: attempt.residentBytes, limit };
  }
  // A worker that has just drawn its first picture well fails on this file, and so does the next.
  const what = attempt.kind === 'failed' ? 'failures of the renderer' : 'crashes of the renderer';
  return { code: 'too_complex', what, ...TWICE };
}

function errorOf(attempt: Failure, spentMs: number): RenderError {
  switch (attempt.kind) {
    case 'starved':
      return new RenderError({ code: 'worker_starved', wallMs: attempt.wallMs, cpuMs: attempt.cpuMs });
    case 'failed':
      return new RenderError({ code: 'render_failed', detail: attempt.reason });
    case 'memory':
      return new RenderError({ code: 'worker_crashed', detail: 'ended for its memory', spentMs });
    default:
      return new RenderError({ code: 'worker_crashed', detail: attempt.reason, spentMs });
  }
}
