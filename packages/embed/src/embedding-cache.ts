import { createHash } from 'node:crypto';
import type { Sha256 } from '@tiltyard/schema';
import { LRUCache } from 'lru-cache';
import { DirectoryCache } from './directory-cache.js';
import type { EmbedderId, EmbedLogger } from './interfaces.js';

export interface CacheOptions {
  /** Embeddings kept in memory; the least recently used leaves first. 0 keeps none. */
  readonly maxEntries: number;
  /** A directory that survives restarts, or null. It grows by 2 to 9 KB a picture and may be deleted at any time. */
  readonly dir: string | null;
}

export const CACHE_DEFAULTS: CacheOptions = { maxEntries: 4096, dir: null };

/**
 * Vectors by picture and embedder: the same bytes always give the same embedding, so it is computed once.
 *
 * Hands out copies, so that no caller can change what another one gets.
 */
export class EmbeddingCache {
  readonly #entries: LRUCache<string, Float32Array> | undefined;
  readonly #directory: DirectoryCache | undefined;

  constructor({ maxEntries, dir }: CacheOptions, log: EmbedLogger) {
    this.#entries = maxEntries === 0 ? undefined : new LRUCache({ max: maxEntries });
    this.#directory = dir === null ? undefined : new DirectoryCache(dir, log);
  }

  async get(id: EmbedderId, picture: Sha256): Promise<Float32Array | undefined> {
    const key = `${id} ${picture}`;
    const known = this.#entries?.get(key) ?? (await this.#directory?.get(id, picture));
    if (known === undefined) return undefined;
    this.#entries?.set(key, known);
    return known.slice();
  }

  async set(id: EmbedderId, picture: Sha256, vector: Float32Array): Promise<void> {
    this.#entries?.set(`${id} ${picture}`, vector.slice());
    await this.#directory?.set(id, picture, vector);
  }
}

/** The SHA-256 of some bytes. */
export function sha256Of(bytes: Uint8Array): Sha256 {
  return createHash('sha256').update(bytes).digest('hex') as Sha256;
}
