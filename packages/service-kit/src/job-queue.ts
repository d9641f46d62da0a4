import PQueue from 'p-queue';

/** A job that ended: with a result, or with an error that is ours. */
export type Settled<Result> =
  | { readonly key: string; readonly ok: true; readonly result: Result }
  | { readonly key: string; readonly ok: false; readonly error: unknown };

/** A worker's view of its job. */
export interface JobContext {
  readonly signal: AbortSignal;
  /** Tells that the job is alive and how far it is. */
  progress(note: string): void;
}

/**
 * Work that outlasts a tick: downloads, duels, audits.
 *
 * A tick enqueues what its plan misses and takes what has settled; what a crash loses is enqueued again, because the
 * plan is derived from what was published. A key that is queued, running or settled but not taken is not queued twice.
 */
export interface JobQueue<Job, Result> extends AsyncDisposable {
  /** Queues a job; false when its key is already known here. */
  enqueue(key: string, job: Job): boolean;
  has(key: string): boolean;
  /** Keys that are queued or running, with their last note. */
  pending(): ReadonlyMap<string, string>;
  /** Hands over what has settled since the last call. The caller publishes it. */
  take(): readonly Settled<Result>[];
  /** Aborts a queued or running job; nothing of it will settle. */
  cancel(key: string): void;
}

export interface JobQueueOptions<Job, Result> {
  readonly concurrency: number;
  readonly work: (job: Job, context: JobContext) => Promise<Result>;
  /** Called whenever a job settles, so that the loop looks again. */
  readonly onSettled?: () => void;
}

/** A job queue within this process. */
export function openJobQueue<Job, Result>(options: JobQueueOptions<Job, Result>): JobQueue<Job, Result> {
  const { concurrency, work, onSettled } = options;
  const queue = new PQueue({ concurrency });
  const jobs = new Map<string, { readonly abort: AbortController; note: string }>();
  let settled: Settled<Result>[] = [];
  const settledKeys = new Set<string>();

  async function run(key: string, job: Job, entry: { readonly abort: AbortController; note: string }): Promise<void> {
    const { signal } = entry.abort;
    if (signal.aborted) return;
    let outcome: Settled<Result>;
    try {
      const progress = (note: string) => {
        entry.note = note;
      };
      outcome = { key, ok: true, result: await work(job, { signal, progress }) };
    } catch (error) {
      outcome = { key, ok: false, error };
    }
    // A cancelled job's key may already belong to a newer job.
    if (signal.aborted || jobs.get(key) !== entry) return;
    jobs.delete(key);
    settledKeys.add(key);
    settled.push(outcome);
    onSettled?.();
  }

  function cancel(key: string): void {
    jobs.get(key)?.abort.abort(new DOMException('the job was cancelled', 'AbortError'));
    jobs.delete(key);
  }

  return {
    enqueue(key, job) {
      if (jobs.has(key) || settledKeys.has(key)) return false;
      const entry = { abort: new AbortController(), note: 'queued' };
      jobs.set(key, entry);
      void queue.add(() => run(key, job, entry));
      return true;
    },
    has: (key) => jobs.has(key) || settledKeys.has(key),
    pending: () => new Map([...jobs].map(([key, { note }]) => [key, note])),
    take() {
      const taken = settled;
      settled = [];
      settledKeys.clear();
      return taken;
    },
    cancel,
    async [Symbol.asyncDispose]() {
      queue.clear();
      for (const key of [...jobs.keys()]) cancel(key);
      await queue.onIdle();
    },
  };
}
