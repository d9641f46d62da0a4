import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Sha256 } from '@tiltyard/schema';
import type { ImageLimits } from '../decode-image.js';
import { EmbedError, type EmbedFault } from '../embed-error.js';
import type { Answer, Request } from './messages.js';

/** What a model process is started with. */
export interface ModelProcessSettings {
  readonly modelFile: string;
  readonly sha256?: Sha256 | undefined;
  readonly threads: number;
  readonly loadTimeoutMs: number;
  readonly timeoutMs: number;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: EmbedError) => void;
}

const STDERR_TAIL = 500;
/** The call under which the answer to `load` is awaited. */
const LOADING = 0;

/** One run of the embedding process, from its start to its end. */
export class ModelProcess {
  readonly #child: ChildProcess;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #calls = LOADING;
  #sha256: Sha256 | undefined;
  #stderr = '';
  #ended = false;

  private constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    const entry = createRequire(import.meta.url).resolve('@tiltyard/embed/worker');
    this.#child = fork(entry, [], {
      serialization: 'advanced',
      execArgv: [],
      // Nothing secret of the parent's environment: this process reads pictures made by strangers.
      env: { PATH: process.env.PATH, LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL);
    });
    this.#child.on('message', (answer: Answer) => this.#receive(answer));
    this.#child.on('error', (error) => this.#end({ code: 'worker_failed', detail: error.message }));
    this.#child.on('exit', (code, killedBy) =>
      this.#end({ code: 'worker_failed', detail: `ended with ${killedBy ?? code} ${this.#stderr.trim()}`.trim() }),
    );
  }

  /**
   * Starts the process and waits until its model is loaded.
   *
   * @throws {EmbedError} `bad_model`, `model_mismatch`, `worker_failed`, `timed_out`; then no process is left.
   */
  static async start(settings: ModelProcessSettings): Promise<ModelProcess> {
    const { modelFile, sha256, threads, loadTimeoutMs } = settings;
    const started = new ModelProcess(settings.timeoutMs);
    const load: Request = { kind: 'load', modelFile, sha256, threads };
    try {
      const answer = await started.#ask(LOADING, load, 'loading the model', loadTimeoutMs);
      if (answer.kind !== 'ready') throw new EmbedError({ code: 'worker_failed', detail: `answered ${answer.kind}` });
      started.#sha256 = answer.sha256;
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  get alive(): boolean {
    return !this.#ended;
  }

  /** The sha256 of the model file that was loaded. */
  get sha256(): Sha256 {
    if (this.#sha256 === undefined) throw new EmbedError({ code: 'worker_failed', detail: 'no model is loaded' });
    return this.#sha256;
  }

  /** @throws {EmbedError} What is wrong with the picture, or `worker_failed`, `timed_out`, `closed`. */
  async embed(image: Uint8Array, limits: ImageLimits): Promise<Float32Array> {
    const call = ++this.#calls;
    const answer = await this.#ask(call, { kind: 'embed', call, image, limits }, 'embedding', this.#timeoutMs);
    if (answer.kind !== 'vector') throw new EmbedError({ code: 'worker_failed', detail: `answered ${answer.kind}` });
    return answer.vector;
  }

  /** Ends the process at once and waits until it is gone. It has nothing to save. */
  async stop(): Promise<void> {
    this.#end({ code: 'closed' });
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  async #ask(call: number, request: Request, doing: string, timeoutMs: number): Promise<Answer> {
    if (this.#ended) throw new EmbedError({ code: 'worker_failed', detail: 'it has ended' });
    const timer = setTimeout(() => {
      // It may hang in native code, where nothing but a kill reaches it.
      this.#end({ code: 'timed_out', doing, timeoutMs });
      this.#child.kill('SIGKILL');
    }, timeoutMs);
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#waiting.set(call, { resolve, reject });
        this.#child.send(request, (error) => {
          if (error) reject(new EmbedError({ code: 'worker_failed', detail: error.message }, { cause: error }));
        });
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(call);
    }
  }

  #receive(answer: Answer): void {
    const call = answer.kind === 'ready' ? LOADING : (answer.call ?? LOADING);
    const waiting = this.#waiting.get(call);
    if (answer.kind === 'fault') waiting?.reject(new EmbedError(answer.fault));
    else waiting?.resolve(answer);
  }

  #end(fault: EmbedFault): void {
    this.#ended = true;
    for (const waiting of this.#waiting.values()) waiting.reject(new EmbedError(fault));
    this.#waiting.clear();
  }
}
