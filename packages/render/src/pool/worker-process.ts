import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { refusal } from '../check/check-glb.js';
import { RenderError } from '../render-error.js';
import type { ChosenDevice } from './device.js';
import type { JobOutcome, RenderJob } from './job.js';
import { JobCost, SAMPLE_EVERY_MS } from './job-cost.js';
import { type FromWorker, fromWorker, type ToWorker } from './messages.js';
import { isAsleep, readUsage } from './process-usage.js';

export interface WorkerLimits {
  readonly memoryLimitBytes: number;
  readonly startTimeoutMs: number;
}

/** How one try at a job ended. */
export type Attempt =
  | { readonly kind: 'outcome'; readonly outcome: JobOutcome }
  /** The worker reported a failure that the file does not explain. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The worker is gone, and how it went points at the file. */
  | { readonly kind: 'crash'; readonly reason: string }
  /** The worker was ended: the job's own cost has reached what it may be. */
  | { readonly kind: 'deadline' }
  | { readonly kind: 'memory'; readonly residentBytes: number }
  /** The worker is gone, and how it went points at the machine. */
  | { readonly kind: 'starved'; readonly wallMs: number; readonly cpuMs: number }
  | { readonly kind: 'killed'; readonly reason: string };

/**
 * A job is given up as starved when it has taken this often as long as it may cost. Far off, because a busy machine still
 * brings a job to its end or to its deadline: this is for one that stands still.
 */
const MAX_SLOWDOWN = 16;
const STDERR_KEPT = 2000;

/** Variables that drivers and Node may need. Nothing else gets in: a worker handles strangers' files. */
const ENV_PASSED: readonly RegExp[] = [
  /^(PATH|HOME|LANG|TMPDIR|TZ|LD_LIBRARY_PATH|CUDA_VISIBLE_DEVICES|UV_THREADPOOL_SIZE)$/,
  /^(LC|XDG|MESA|LP|GALLIUM|VK|NVIDIA)_\w+$/,
];

/** One render process: started, given one job at a time, watched, and ended for good when it misbehaves. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #limits: WorkerLimits;
  readonly #cpuBound: boolean;
  readonly #exited: Promise<string>;
  #onMessage: (message: FromWorker) => void = () => undefined;
  #onExit: (how: ExitReason) => void = () => undefined;
  #stderr = '';
  #exit: ExitReason | undefined;
  #endedByUs = false;
  #jobs = 0;
  #driver = '';
  #clean = true;

  private constructor(device: ChosenDevice, env: Readonly<Record<string, string>>, limits: WorkerLimits) {
    this.#limits = limits;
    // Where there is no /proc to look at, the clock has to do.
    this.#cpuBound = device.name === 'lavapipe' && readUsage(process.pid) !== undefined;
    const isPassed = ([name]: readonly [string, unknown]) => ENV_PASSED.some((pattern) => pattern.test(name));
    const inherited = Object.fromEntries(Object.entries(process.env).filter(isPassed));
    this.#child = fork(createRequire(import.meta.url).resolve('@tiltyard/render/worker'), [], {
      env: { ...inherited, ...device.env, ...env },
      execArgv: [`--max-old-space-size=${Math.floor(limits.memoryLimitBytes / 2 ** 20)}`],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('latin1')).slice(-STDERR_KEPT);
    });
    this.#child.on('message', (raw) => this.#receive(raw));
    this.#exited = new Promise((resolve) => {
      const ended = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#exit ??= { code, signal };
        resolve(this.#lastWords());
        this.#onExit(this.#exit);
      };
      this.#child.on('exit', ended);
      // Sending to a process that is just dying, or one that could not be started at all.
      this.#child.on('error', () => {
        if (this.#child.pid === undefined) ended(null, null);
      });
    });
  }

  /**
   * Starts a process and waits until it has rendered its first picture.
   *
   * @throws RenderError `context_unavailable`
   */
  static async start(
    device: ChosenDevice,
    env: Readonly<Record<string, string>>,
    limits: WorkerLimits,
  ): Promise<WorkerProcess> {
    const worker = new WorkerProcess(device, env, limits);
    let timer: NodeJS.Timeout | undefined;
    const reason = await new Promise<string | undefined>((resolve) => {
      worker.#onMessage = (message) => {
        if (message.type === 'ready') worker.#driver = message.driver;
        resolve(message.type === 'unavailable' ? message.reason : undefined);
      };
      worker.#onExit = () => resolve(`the render process ended while it started: ${worker.#lastWords()}`);
      timer = setTimeout(
        () => resolve(`the render process did not start in ${limits.startTimeoutMs} ms`),
        limits.startTimeoutMs,
      );
    });
    clearTimeout(timer);
    if (reason === undefined) return worker;
    await worker.end();
    throw new RenderError({ code: 'context_unavailable', detail: reason.replace(/^no GL context: /, '') });
  }

  /** What GL calls its driver. */
  get driver(): string {
    return this.#driver;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get alive(): boolean {
    return this.#exit === undefined && !this.#endedByUs;
  }

  /** Resident memory now, in bytes. */
  get residentBytes(): number {
    return readUsage(this.pid)?.residentBytes ?? 0;
  }

  /** Whether the last job left nothing behind. */
  get clean(): boolean {
    return this.#clean;
  }

  /** Whether it has had no job yet. */
  get fresh(): boolean {
    return this.#jobs === 0;
  }

  /**
   * Runs one job. Never throws for the job's sake; past a limit the process is ended.
   *
   * @param budgetMs - What the job may cost by its own doing.
   * @returns How it ended, and what it cost (see `JobCost`).
   */
  async run(job: RenderJob, budgetMs: number): Promise<{ attempt: Attempt; spentMs: number }> {
    this.#jobs += 1;
    const id = this.#jobs;
    const cost = new JobCost({ atMs: performance.now(), cpuMs: readUsage(this.pid)?.cpuMs ?? 0 }, this.#cpuBound);
    let sampler: NodeJS.Timeout | undefined;
    try {
      const attempt = await new Promise<Attempt>((resolve) => {
        this.#onExit = (exit) => resolve(this.#attemptOf(exit));
        this.#onMessage = (message) => {
          if (!('id' in message) || message.id !== id) return;
          this.#sample(cost);
          this.#clean = 'clean' in message && message.clean;
          resolve(attemptOf(message));
        };
        sampler = setInterval(() => {
          const past = this.#pastLimit(cost, budgetMs);
          if (past) resolve(past);
        }, SAMPLE_EVERY_MS);
        if (!this.alive) resolve({ kind: 'killed', reason: this.#lastWords() });
        else this.#child.send({ id, job } satisfies ToWorker);
      });
      if (attempt.kind !== 'outcome') await this.end();
      return { attempt, spentMs: cost.spentMs };
    } finally {
      clearInterval(sampler);
      this.#onMessage = () => undefined;
      this.#onExit = () => undefined;
    }
  }

  /** Ends the process, now. */
  async end(): Promise<void> {
    this.#endedByUs = true;
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #receive(raw: unknown): void {
    const message = fromWorker.safeParse(raw);
    if (message.success) this.#onMessage(message.data);
    // A worker that talks nonsense has been taken over by what it rendered.
    else this.#child.kill('SIGABRT');
  }

  /** @returns The memory that it holds, in bytes. */
  #sample(cost: JobCost): number {
    const usage = readUsage(this.pid);
    // Gone: it is about to be reported.
    if (!usage && this.#cpuBound) return 0;
    cost.add({ atMs: performance.now(), cpuMs: usage?.cpuMs ?? 0, asleep: () => isAsleep(this.pid) });
    return usage?.residentBytes ?? 0;
  }

  #pastLimit(cost: JobCost, budgetMs: number): Attempt | undefined {
    const residentBytes = this.#sample(cost);
    if (residentBytes > this.#limits.memoryLimitBytes) return { kind: 'memory', residentBytes };
    if (cost.spentMs >= budgetMs) return { kind: 'deadline' };
    const { wallMs, cpuMs } = cost;
    return wallMs >= MAX_SLOWDOWN * budgetMs ? { kind: 'starved', wallMs, cpuMs } : undefined;
  }

  #attemptOf(exit: ExitReason): Attempt {
    // SIGKILL and SIGTERM come from outside: the kernel short of memory, or an operator. The file is not proven guilty.
    const outside = exit.signal === 'SIGKILL' || exit.signal === 'SIGTERM' || exit.signal === 'SIGINT';
    return { kind: outside || this.#endedByUs ? 'killed' : 'crash', reason: this.#lastWords() };
  }

  #lastWords(): string {
    const how =
      this.#exit?.signal ?? (this.#exit?.code === null ? 'could not be started' : `exit code ${this.#exit?.code}`);
    const said = this.#stderr.trim().split('\n').at(-1)?.slice(0, 200);
    return said ? `${how}: ${said}` : String(how);
  }
}

interface ExitReason {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function attemptOf(message: FromWorker): Attempt {
  switch (message.type) {
    case 'rendered':
      return { kind: 'outcome', outcome: message.outcome };
    case 'refused':
      return { kind: 'outcome', outcome: refusal(message.fault) };
    case 'failed':
      return { kind: 'failed', reason: message.reason };
    default:
      return { kind: 'failed', reason: `the worker said ${message.type} in mid-job` };
  }
}
