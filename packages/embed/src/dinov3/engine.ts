import { availableParallelism } from 'node:os';
import type { ImageLimits } from '../decode-image.js';
import { EmbedError } from '../embed-error.js';
import type { Dinov3Spec, Engine } from '../engine.js';
import { dinov3Id, type EmbedderId, modelSha256 } from '../interfaces.js';
import { ModelProcess, type ModelProcessSettings } from './model-process.js';

export const DINOV3_DEFAULTS: Required<Pick<Dinov3Spec, 'threads' | 'loadTimeoutMs' | 'timeoutMs'>> = {
  threads: Math.min(4, availableParallelism()),
  loadTimeoutMs: 120_000,
  timeoutMs: 60_000,
};

/**
 * Starts DINOv3 in a process of its own, since inference blocks the thread it runs on and native code may crash.
 *
 * A process that dies or hangs fails the calls that it had; the next call starts another, of the same model.
 *
 * @throws {EmbedError} `bad_model`, `model_mismatch`, `worker_failed`, `timed_out`.
 */
export async function openDinov3(spec: Dinov3Spec): Promise<Engine> {
  const { kind: _, ...settings } = { ...DINOV3_DEFAULTS, ...spec };
  const first = await ModelProcess.start(settings);
  return new Dinov3Engine(settings, first);
}

class Dinov3Engine implements Engine {
  readonly id: EmbedderId;
  readonly #settings: ModelProcessSettings;
  #process: Promise<ModelProcess>;
  #closed = false;

  constructor(settings: ModelProcessSettings, first: ModelProcess) {
    this.id = dinov3Id(first.sha256);
    this.#settings = settings;
    this.#process = Promise.resolve(first);
  }

  async compute(image: Uint8Array, limits: ImageLimits): Promise<Float32Array> {
    const running = await this.#running();
    return running.embed(image, limits);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const last = await this.#process.catch(() => undefined);
    await last?.stop();
  }

  async #running(): Promise<ModelProcess> {
    const current = this.#process;
    const usable = await current.then(
      (running) => running.alive,
      () => false,
    );
    if (this.#closed) throw new EmbedError({ code: 'closed' });
    // Several calls may find the same corpse; the first of them replaces it.
    if (!usable && this.#process === current) {
      this.#process = ModelProcess.start({ ...this.#settings, sha256: modelSha256(this.id) });
    }
    return this.#process;
  }
}
