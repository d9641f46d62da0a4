import PQueue from 'p-queue';
import { decodeImage, IMAGE_LIMITS_DEFAULTS, type ImageLimits } from './decode-image.js';
import { describePicture } from './descriptor.js';
import { assertUnit } from './distance.js';
import { EmbedError } from './embed-error.js';
import { CACHE_DEFAULTS, type CacheOptions, EmbeddingCache, sha256Of } from './embedding-cache.js';
import type { Dinov3Spec, Engine } from './engine.js';
import { DESCRIPTOR_V1, type Embedder, type EmbedderId, type Embedding, type EmbedLogger } from './interfaces.js';
import { resizeToFloat } from './resize.js';

/** Which embedder to open. */
export type EmbedderSpec = typeof DESCRIPTOR_V1 | 'descriptor-v1' | Dinov3Spec;

export interface EmbedOptions {
  readonly limits: ImageLimits;
  readonly cache: CacheOptions;
  /** Pictures worked on at once; more wait. */
  readonly concurrency: number;
  readonly log: EmbedLogger;
}

export const EMBED_DEFAULTS: EmbedOptions = {
  limits: IMAGE_LIMITS_DEFAULTS,
  cache: CACHE_DEFAULTS,
  concurrency: 2,
  log: { warn: () => undefined },
};

/**
 * Opens an embedder.
 *
 * @example
 * await using embedder = await openEmbedder('descriptor-v1');
 * const apart = distance(await embedder.embed(left), await embedder.embed(right));
 *
 * @throws {EmbedError} `bad_model`, `model_mismatch`, `worker_failed`, `timed_out` when a model cannot be loaded.
 */
export async function openEmbedder(spec: EmbedderSpec, options: Partial<EmbedOptions> = {}): Promise<Embedder> {
  const settings = { ...EMBED_DEFAULTS, ...options };
  return new QueuedEmbedder(await openEngine(spec), settings);
}

async function openEngine(spec: EmbedderSpec): Promise<Engine> {
  if (typeof spec === 'string') return DESCRIPTOR_ENGINE;
  const { openDinov3 } = await import('./dinov3/engine.js');
  return openDinov3(spec);
}

const DESCRIPTOR_ENGINE: Engine = {
  id: DESCRIPTOR_V1,
  compute: async (image, limits) => describePicture(resizeToFloat(await decodeImage(image, limits))),
  [Symbol.asyncDispose]: async () => undefined,
};

class QueuedEmbedder implements Embedder {
  readonly id: EmbedderId;
  readonly #engine: Engine;
  readonly #options: EmbedOptions;
  readonly #cache: EmbeddingCache;
  readonly #queue: PQueue;
  readonly #closing = new AbortController();

  constructor(engine: Engine, options: EmbedOptions) {
    this.id = engine.id;
    this.#engine = engine;
    this.#options = options;
    this.#cache = new EmbeddingCache(options.cache, options.log);
    this.#queue = new PQueue({ concurrency: options.concurrency });
  }

  async embed(image: Uint8Array, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Embedding> {
    const { limits } = this.#options;
    if (image.byteLength > limits.maxBytes) {
      throw new EmbedError({ code: 'image_too_large', sizeBytes: image.byteLength, maxBytes: limits.maxBytes });
    }
    const stop = signal ? AbortSignal.any([this.#closing.signal, signal]) : this.#closing.signal;
    stop.throwIfAborted();
    const picture = sha256Of(image);
    const known = await this.#cache.get(this.id, picture);
    if (known !== undefined) return { embedderId: this.id, vector: known };

    const vector = await this.#inTurn(stop, () => this.#engine.compute(image, limits));
    assertUnit(vector);
    await this.#cache.set(this.id, picture, vector);
    return { embedderId: this.id, vector };
  }

  async close(): Promise<void> {
    this.#closing.abort(new EmbedError({ code: 'closed' }));
    await this.#engine[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Waits for a place, works, and throws `stop`'s reason at once when it aborts. */
  #inTurn(stop: AbortSignal, work: () => Promise<Float32Array>): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      const onStop = () => reject(stop.reason);
      stop.addEventListener('abort', onStop, { once: true });
      const turn = this.#queue.add(() => {
        stop.throwIfAborted();
        return work();
      });
      turn.then(resolve, reject).finally(() => stop.removeEventListener('abort', onStop));
    });
  }
}
