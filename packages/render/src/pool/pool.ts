import PQueue from 'p-queue';
import { refusal } from '../check/check-glb.js';
import type { RenderLog } from '../interfaces.js';
import { RenderError } from '../render-error.js';
import { decide, type Try } from './blame.js';
import type { ChosenDevice } from './device.js';
import type { JobOutcome, RenderJob } from './job.js';
import { type WorkerLimits, WorkerProcess } from './worker-process.js';

export interface PoolOptions extends WorkerLimits {
  readonly processes: number;
  readonly device: ChosenDevice;
  readonly env: Readonly<Record<string, string>>;
  readonly log: RenderLog;
}

/** A worker that holds more than this share of its memory limit between jobs is replaced before the next. */
const STALE_MEMORY_SHARE = 0.5;

/** A restartable set of render processes, one job each at a time. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #slots: (WorkerProcess | undefined)[];
  readonly #free: number[];
  readonly #shared: PQueue;
  /** Jobs that ended a worker while others ran in parallel: they go on one at a time, in an otherwise idle pool. */
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
   * Runs a job, as often as it takes to know whether a failure is the file's or ours; but all tries together cost no
   * more than one deadline.
   *
   * @param onStart - Called when the job first gets a worker.
   * @returns What came of it, and what it cost by the file's own doing, in milliseconds.
   * @throws RenderError
   */
  async run(
    job: RenderJob,
    deadlineMs: number,
    onStart: () => void,
    signal: AbortSignal | undefined,
  ): Promise<{ outcome: JobOutcome; spentMs: number }> {
    const { processes, memoryLimitBytes } = this.#options;
    const first = await this.#shared.add(() => {
      // Only what has not begun can be taken out of the queue: what has keeps its worker until it is done.
      signal?.throwIfAborted();
      onStart();
      return this.#try(job, deadlineMs, processes === 1);
    });
    const tries: Try[] = [first];
    for (;;) {
      const decision = decide(tries, deadlineMs, memoryLimitBytes);
      if (decision.kind === 'error') throw decision.error;
      if (decision.kind !== 'again') {
        const outcome = decision.kind === 'fault' ? refusal(decision.fault) : decision.outcome;
        return { outcome, spentMs: tries.reduce((sum, { spentMs }) => sum + spentMs, 0) };
      }
      signal?.throwIfAborted();
      tries.push(await this.#alone.add(() => this.#tryAlone(job, decision.budgetMs)));
    }
  }

  /** Ends every process. Jobs under way are rejected with `closed`. */
  async close(): Promise<void> {
    // What is queued still runs, into `closed`.
    this.#closed = true;
    await Promise.all(this.#slots.map((worker) => worker?.end()));
  }

  /** Waits for the pool to be idle, keeps it so, and gives the job a new worker. */
  async #tryAlone(job: RenderJob, budgetMs: number): Promise<Try> {
    this.#shared.pause();
    try {
      await this.#shared.onPendingZero();
      await Promise.all(this.#slots.map((worker) => worker?.end()));
      return await this.#try(job, budgetMs, true);
    } finally {
      this.#shared.start();
    }
  }

  async #try(job: RenderJob, budgetMs: number, alone: boolean): Promise<Try> {
    const slot = this.#free.shift();
    if (slot === undefined) throw new Error('more jobs than workers: the queue is wrong');
    try {
      const worker = await this.#workerIn(slot);
      const isolated = alone && worker.fresh;
      const { attempt, spentMs } = await worker.run(job, budgetMs);
      if (this.#closed) throw new RenderError({ code: 'closed' });
      if (attempt.kind !== 'outcome') {
        this.#options.log.warn({ pid: worker.pid, ...attempt, spentMs }, 'a render did not end well');
      }
      return { attempt, spentMs, isolated };
    } finally {
      this.#free.push(slot);
    }
  }

  async #workerIn(slot: number): Promise<WorkerProcess> {
    if (this.#closed) throw new RenderError({ code: 'closed' });
    const { device, env, log, memoryLimitBytes } = this.#options;
    const current = this.#slots[slot];
    if (current?.alive) {
      const { pid, clean, residentBytes } = current;
      if (clean && residentBytes < memoryLimitBytes * STALE_MEMORY_SHARE) return current;
      log.info({ pid, clean, residentBytes }, 'replacing a render worker that has grown or was left unclean');
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
