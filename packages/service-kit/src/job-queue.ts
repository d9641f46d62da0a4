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
  /** Tells what on our side keeps the job from going on, while it tries again by itself; undefined once that is over. */
  hindered(reason: string | undefined): void;
}

/**
 * Work that outlasts a tick: downloads, duels, audits.
 *
 * A tick enqueues what its plan misses and reads what has settled; what a crash loses is enqueued again, because the
 * plan is derived from what was published. What has settled stays until it is acknowledged, so that a publish that
 * fails loses nothing: the next tick finds it again. A key that is queued, running or settled is not queued twice.
 */
export interface JobQueue<Job, Result> extends AsyncDisposable {
  /** Queues a job; false when its key is known here already, or a cancelled job of that key has not ended yet. */
  enqueue(key: string, job: Job): boolean;
  has(key: string): boolean;
  /** Keys that are queued or running, with their last note. */
  pending(): ReadonlyMap<string, string>;
  /** Keys that are running and do not go on, with the reason. */
  hindered(): ReadonlyMap<string, string>;
  /** What has settled and was not acknowledged, in the order in which it settled. */
  settled(): readonly Settled<Result>[];
  /** Forgets settled jobs, once what they brought is published or not wanted. */
  acknowledge(keys: Iterable<string>): void;
  /** Aborts a queued or running job, and forgets a settled one; nothing of it will be seen any more. */
  cancel(key: string): void;
  /** Cancels every job. */
  cancelAll(): void;
}

export interface JobQueueOptions<Job, Result> {
  /** Jobs that may run at once; `Number.POSITIVE_INFINITY` where the caller holds them back itself. */
  readonly concurrency: number;
  readonly work: (job: Job, context: JobContext) => Promise<Result>;
  /** Called whenever a job settles or a cancelled one has ended, so that the loop looks again. */
  readonly onSettled?: () => void;
}

interface Entry {
  readonly abort: AbortController;
  note: string;
  hindered: string | undefined;
  isRunning: boolean;
}

/** A job queue within this process. Disposing it cancels what runs and waits until it has ended. */
export function openJobQueue<Job, Result>(options: JobQueueOptions<Job, Result>): JobQueue<Job, Result> {
  const { concurrency, work, onSettled } = options;
  const queue = new PQueue({ concurrency });
  const jobs = new Map<string, Entry>();
  const settled = new Map<string, Settled<Result>>();
  /** Keys of cancelled jobs that are still letting go of what they hold, such as pods of the same name. */
  const ending = new Set<string>();

  async function run(key: string, job: Job, entry: Entry): Promise<void> {
    const { signal } = entry.abort;
    if (signal.aborted) return;
    entry.isRunning = true;
    const outcome = await settle(key, entry, (context) => work(job, context));
    if (signal.aborted) ending.delete(key);
    else {
      jobs.delete(key);
      settled.set(key, outcome);
    }
    onSettled?.();
  }

  function cancel(key: string): void {
    const entry = jobs.get(key);
    jobs.delete(key);
    settled.delete(key);
    if (entry?.isRunning) ending.add(key);
    entry?.abort.abort(new DOMException('the job was cancelled', 'AbortError'));
  }

  function cancelAll(): void {
    for (const key of [...jobs.keys(), ...settled.keys()]) cancel(key);
  }

  return {
    enqueue(key, job) {
      if (jobs.has(key) || settled.has(key) || ending.has(key)) return false;
      const entry = { abort: new AbortController(), note: 'queued', hindered: undefined, isRunning: false };
      jobs.set(key, entry);
      void queue.add(() => run(key, job, entry));
      return true;
    },
    has: (key) => jobs.has(key) || settled.has(key),
    pending: () => new Map([...jobs].map(([key, { note }]) => [key, note])),
    hindered: () =>
      new Map([...jobs].flatMap(([key, { hindered }]) => (hindered === undefined ? [] : [[key, hindered] as const]))),
    settled: () => [...settled.values()],
    acknowledge(keys) {
      for (const key of keys) settled.delete(key);
    },
    cancel,
    cancelAll,
    async [Symbol.asyncDispose]() {
      queue.clear();
      cancelAll();
      await queue.onIdle();
    },
  };
}

/** Does a job's work, and keeps its notes. Never throws. */
async function settle<Result>(
  key: string,
  entry: Entry,
  work: (context: JobContext) => Promise<Result>,
): Promise<Settled<Result>> {
  const context: JobContext = {
    signal: entry.abort.signal,
    progress(note) {
      entry.note = note;
    },
    hindered(reason) {
      entry.hindered = reason;
    },
  };
  try {
    return { key, ok: true, result: await work(context) };
  } catch (error) {
    return { key, ok: false, error };
  }
}
