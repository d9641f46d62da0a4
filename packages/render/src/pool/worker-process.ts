import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { refusal } from '../check/check-glb.js';
import { RenderError } from '../render-error.js';
import type { ChosenDevice } from './device.js';
import type { JobOutcome, RenderJob } from './job.js';
import { type FromWorker, fromWorker, type ToWorker } from './messages.js';
import { readUsage } from './process-usage.js';

export interface WorkerLimits {
  readonly deadlineMs: number;
  readonly memoryLimitBytes: number;
  readonly startTimeoutMs: number;
  readonly minCpuShare: number;
}

/** How one try at a job ended. */
export type Attempt =
  | { readonly kind: 'outcome'; readonly outcome: JobOutcome }
  /** The worker reported a failure that the file does not explain, and lives on. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The worker is gone, and how it went points at the file. */
  | { readonly kind: 'crash'; readonly reason: string }
  | { readonly kind: 'deadline'; readonly deadlineMs: number }
  | { readonly kind: 'memory'; readonly residentBytes: number }
  /** The worker is gone, and how it went points at the machine. */
  | { readonly kind: 'starved'; readonly deadlineMs: number; readonly cpuMs: number }
  | { readonly kind: 'killed'; readonly reason: string };

const SAMPLE_EVERY_MS = 50;
const STDERR_KEPT = 2000;

/** Variables that drivers and Node may need. Nothing else gets in: a worker handles strangers' files. */
const ENV_PASSED =
  /^(PATH|HOME|LANG|LC_\w+|TMPDIR|TZ|XDG_\w+|LD_LIBRARY_PATH|MESA_\w+|LP_\w+|GALLIUM_\w+|VK_\w+|NVIDIA_\w+|CUDA_VISIBLE_DEVICES|UV_THREADPOOL_SIZE)$/;

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

  private constructor(device: ChosenDevice, env: Readonly<Record<string, string>>, limits: WorkerLimits) {
    this.#limits = limits;
    this.#cpuBound = device.name === 'lavapipe';
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => ENV_PASSED.test(name)));
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
    throw new RenderError({ code: 'context_unavailable', reason: reason.replace(/^no GL context: /, '') });
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

  /** Runs one job. Never throws for the job's sake; past a limit the process is ended. */
  async run(job: RenderJob): Promise<Attempt> {
    this.#jobs += 1;
    const id = this.#jobs;
    const cpuBefore = readUsage(this.pid)?.cpuMs ?? 0;
    let deadline: NodeJS.Timeout | undefined;
    let sampler: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Attempt>((resolve) => {
        this.#onExit = (exit) => resolve(this.#attemptOf(exit));
        this.#onMessage = (message) => {
          if ('id' in message && message.id === id) resolve(attemptOf(message));
        };
        deadline = setTimeout(() => resolve(this.#pastDeadline(cpuBefore)), this.#limits.deadlineMs);
        sampler = setInterval(() => {
          const { residentBytes } = this;
          if (residentBytes > this.#limits.memoryLimitBytes) resolve({ kind: 'memory', residentBytes });
        }, SAMPLE_EVERY_MS);
        if (!this.alive) resolve({ kind: 'killed', reason: this.#lastWords() });
        else this.#child.send({ id, job } satisfies ToWorker);
      }).then(async (attempt) => {
        if (attempt.kind !== 'outcome' && attempt.kind !== 'failed') await this.end();
        return attempt;
      });
    } finally {
      clearTimeout(deadline);
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

  #pastDeadline(cpuBefore: number): Attempt {
    const { deadlineMs, minCpuShare } = this.#limits;
    const cpuMs = (readUsage(this.pid)?.cpuMs ?? cpuBefore) - cpuBefore;
    if (this.#cpuBound && cpuMs < deadlineMs * minCpuShare) return { kind: 'starved', deadlineMs, cpuMs };
    return { kind: 'deadline', deadlineMs };
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
