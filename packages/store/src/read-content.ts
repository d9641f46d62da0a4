import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Sha256 } from '@tiltyard/schema';
import type { Content } from './interfaces.js';
import { StoreError } from './store-error.js';

/** Bytes larger than this are hashed in parts, so that one large file does not hold up everything else for long. */
const HASH_SLICE_BYTES = 4 * 1024 * 1024;

export interface ReadContentOptions {
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** What was read, once the last chunk has been consumed. */
export interface ReadResult {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/**
 * Reads content chunk by chunk, hashing and counting, and hands each chunk to `consume` before it reads the next.
 * A stream is destroyed in every case, so that its source does not go on producing.
 *
 * @throws StoreError `too_large` as soon as one byte too many has arrived, `content_failed` where the stream breaks,
 * the signal's reason; whatever `consume` throws passes unchanged.
 */
export async function readContent(
  content: Content,
  consume: (chunk: Uint8Array) => Promise<void> | void,
  { maxBytes, signal }: ReadContentOptions,
): Promise<ReadResult> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of chunksOf(content, signal)) {
    signal?.throwIfAborted();
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) throw new StoreError({ code: 'too_large', key: undefined, limitBytes: maxBytes });
    hash.update(chunk);
    await consume(chunk);
  }
  return { sha256: Sha256.parse(hash.digest('hex')), sizeBytes };
}

/** The SHA-256 of bytes in memory. */
export function sha256Of(bytes: Uint8Array | string): Sha256 {
  return Sha256.parse(createHash('sha256').update(bytes).digest('hex'));
}

/**
 * @throws StoreError `hash_mismatch` where a hash is expected and the actual one is another.
 */
export function expectHash(expected: Sha256 | undefined, actual: Sha256): void {
  if (expected !== undefined && expected !== actual) {
    throw new StoreError({ code: 'hash_mismatch', key: undefined, expected, actual });
  }
}

async function* chunksOf(content: Content, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) {
    for (let start = 0; start < content.byteLength; start += HASH_SLICE_BYTES) {
      yield content.subarray(start, start + HASH_SLICE_BYTES);
    }
    return;
  }
  const iterator = content[Symbol.asyncIterator]();
  using abort = startAbort(signal);
  try {
    for (;;) {
      // A source that stalls never answers: the caller's signal must not have to wait for it.
      const next = await Promise.race([iterator.next(), abort.promise]);
      if (next.done) return;
      yield bytesOf(next.value);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof StoreError ? error : new StoreError({ code: 'content_failed', cause: error });
  } finally {
    // Not awaited: a generator that stalls cannot return either. A stream is destroyed at once.
    if (content instanceof Readable) content.destroy();
    else iterator.return?.()?.catch(() => undefined);
  }
}

/** A promise that only ever rejects, when the signal aborts. */
function startAbort(signal: AbortSignal | undefined): Disposable & { readonly promise: Promise<never> } {
  const state = { listener: (): void => undefined };
  const promise = new Promise<never>((_, reject) => {
    state.listener = () => reject(signal?.reason);
  });
  promise.catch(() => undefined); // it may reject after the last chunk, when no one waits any more
  if (signal?.aborted) state.listener();
  signal?.addEventListener('abort', state.listener, { once: true });
  return { promise, [Symbol.dispose]: () => signal?.removeEventListener('abort', state.listener) };
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new StoreError({ code: 'content_failed', cause: new TypeError('a chunk of the stream is not bytes') });
}
