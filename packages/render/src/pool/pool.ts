import PQueue from 'p-queue';
import { refusal } from '../check/check-glb.js';
import type { GlbFault } from '../glb-fault.js';
import type { RenderLog } from '../interfaces.js';
import { RenderError } from '../render-error.js';
import type { ChosenDevice } from './device.js';
import type { JobOutcome, RenderJob } from './job.js';
import { type Attempt, type WorkerLimits, WorkerProcess } from './worker-process.js';

export interface PoolOptions extends WorkerLimits {
  readonly processes: number;
  readonly device: ChosenDevice;
  readonly env: Readonly<Record<string, string>>;
  readonly log: RenderLog;
}

/** A file is at fault when it ends this many fresh workers that had nothing else to do. */
const TRIES_ALONE = 2;
const TWICE = { count: TRIES_ALONE, limit: 0 } as const;
/** Tries at one job in all, those included that the machine spoiled. */
const MAX_TRIES = 3;
/** A worker that holds more than this share of its memory limit between jobs is replaced before the next. */
const STALE_MEMORY_SHARE = 0.5;

/** A restartable set of render processes, one job each at a time. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #slots: (WorkerProcess | undefined)[];
  readonly #free: number[];
  readonly #shared: PQueue;
  /** Jobs that ended a worker while others ran beside it: they go on one at a time, in an otherwise idle pool. */
  readonly #alone = new PQueue({ concurrency: 1 });
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#slots = new Array<WorkerProcess | undefined>(options.processes).fill(undefined);
    this.#free = [...this.#slots.keys()];
    this.#shared = new PQueue({ concurrency: options.processes });
  }

  /**
   * Starts the processes; the rest starts as it is needed.
   *
   * @returns What GL calls the driver.
   * @throws RenderError `context_unavailable`
   */
  async warmUp(): Promise<string> {
    const workers = await Promise.all(this.#slots.map((_, slot) => this.#workerIn(slot)));
    return workers[0]?.driver ?? '';
  }

  /** Process ids of the workers that run now, for tests and for operators. */
  get pids(): readonly number[] {
    return this.#slots.flatMap((worker) => (worker?.alive ? [worker.pid] : []));
  }

  /**
   * Runs a job, as often as it takes to know whether a failure is the file's or ours.
   *
   * @param onStart - Called when the job first gets a worker.
   * @throws RenderError
   */
  async run(job: RenderJob, onStart: () => void, signal: AbortSignal | undefined): Promise<JobOutcome> {
    const isolated = this.#options.processes === 1;
    const first = await this.#shared.add(() => {
      // Only what has not begun can be taken out of the queue: what has keeps its worker until it is done.
      signal?.throwIfAborted();
      onStart();
      return this.#try(job);
    });
    if (first.kind === 'outcome') return first.outcome;

    const tries: Attempt[] = [first];
    const alone: Attempt[] = isolated ? [first] : [];
    while (tries.length < MAX_TRIES && blamed(alone) < TRIES_ALONE) {
      signal?.throwIfAborted();
      const attempt = await this.#alone.add(() => this.#tryAlone(job));
      if (attempt.kind === 'outcome') return attempt.outcome;
      tries.push(attempt);
      alone.push(attempt);
    }
    const last = tries.at(-1) ?? first;
    const fault = blamed(alone) >= TRIES_ALONE ? faultOf(alone, this.#options) : undefined;
    if (fault) return refusal(fault);
    throw errorOf(last);
  }

  /** Ends every process. Jobs under way are rejected with `closed`. */
  async close(): Promise<void> {
    // What is queued still runs, into `closed`.
    this.#closed = true;
    await Promise.all(this.#slots.map((worker) => worker?.end()));
  }

  /** Waits for the pool to be idle, keeps it so, and gives the job a new worker. */
  async #tryAlone(job: RenderJob): Promise<Attempt> {
    this.#shared.pause();
    try {
      await this.#shared.onPendingZero();
      await Promise.all(this.#slots.map((worker) => worker?.end()));
      return await this.#try(job);
    } finally {
      this.#shared.start();
    }
  }

  async #try(job: RenderJob): Promise<Attempt> {
    const slot = this.#free.shift();
    if (slot === undefined) throw new Error('more jobs than workers: the queue is wrong');
    try {
      const worker = await this.#workerIn(slot);
      const attempt = await worker.run(job);
      if (this.#closed) throw new RenderError({ code: 'closed' });
      if (attempt.kind !== 'outcome') {
        this.#options.log.warn({ pid: worker.pid, ...attempt }, 'a render did not end well');
      }
      return attempt;
    } finally {
      this.#free.push(slot);
    }
  }

  async #workerIn(slot: number): Promise<WorkerProcess> {
    if (this.#closed) throw new RenderError({ code: 'closed' });
    const { device, env, log, memoryLimitBytes } = this.#options;
    const current = this.#slots[slot];
    if (current?.alive) {
      if (current.residentBytes < memoryLimitBytes * STALE_MEMORY_SHARE) return current;
      log.info({ pid: current.pid, residentBytes: current.residentBytes }, 'replacing a render worker that has grown');
      await current.end();
    }
    const started = performance.now();
    const worker = await WorkerProcess.start(device, env, this.#options);
    this.#slots[slot] = worker;
    if (this.#closed) {
      await worker.end();
      throw new RenderError({ code: 'closed' });
    }
    log.info({ pid: worker.pid, startMs: Math.round(performance.now() - started) }, 'render worker started');
    return worker;
  }
}

function blamed(attempts: readonly Attempt[]): number {
  return attempts.filter(({ kind }) => kind !== 'outcome' && kind !== 'starved' && kind !== 'killed').length;
}

/** The verdict on a file that ended worker after worker: the last thing that it did. */
function faultOf(attempts: readonly Attempt[], { memoryLimitBytes }: PoolOptions): GlbFault | undefined {
  for (const attempt of attempts.toReversed()) {
    if (attempt.kind === 'deadline') return { code: 'timeout', deadlineMs: attempt.deadlineMs };
    if (attempt.kind === 'memory') {
      const facts = { what: 'bytes of memory', count: attempt.residentBytes, limit: memoryLimitBytes };
      return { code: 'too_complex', ...facts };
    }
    if (attempt.kind === 'crash') return { code: 'too_complex', what: 'crashes of the renderer', ...TWICE };
    // A worker that has just drawn its first picture well fails on this file, and so does the next.
    if (attempt.kind === 'failed') return { code: 'too_complex', what: 'failures of the renderer', ...TWICE };
  }
  return undefined;
}

function errorOf(attempt: Attempt): RenderError {
  switch (attempt.kind) {
    case 'starved':
      return new RenderError({ code: 'worker_starved', deadlineMs: attempt.deadlineMs, cpuMs: attempt.cpuMs });
    case 'failed':
      return new RenderError({ code: 'render_failed', reason: attempt.reason });
    case 'crash':
    case 'killed':
      return new RenderError({ code: 'worker_crashed', reason: attempt.reason });
    default:
      return new RenderError({ code: 'worker_crashed', reason: `ended for its ${attempt.kind}` });
  }
}
