import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs, type Sha256 } from '@tiltyard/schema';
import { expectHash } from '../read-content.js';
import { isRetryable, StoreError } from '../store-error.js';
import { startDeadline } from './deadline.js';
import type { FailedDownload } from './download-failure.js';
import { downloadBytes } from './guarded-download.js';

export interface FetchObjectOptions {
  /** The hash that the bytes must have, where the caller knows it. */
  readonly sha256?: Sha256 | undefined;
  readonly maxBytes: number;
  /** Bound of everything, tries and waits between them included. */
  readonly timeoutMs: number;
  /** `host:port` of stores on a local network, as `ObjectStore.publicHost`. Others must be on the public Internet. */
  readonly allowHosts?: readonly string[];
  readonly tries?: number;
  readonly signal?: AbortSignal | undefined;
}

export const FETCH_OBJECT_DEFAULTS = { tries: 3, allowHosts: [] } as const;

/** From 375 to 625 ms after the first failed try. */
const RETRY = { firstDelayMs: 625, jitter: 0.4 };

/**
 * Reads one of our objects by its public URL, for a process that does not share the store, and checks it. Damaged
 * bytes and failing servers are tried again: they are our trouble, never a verdict.
 *
 * @throws StoreError `not_found`, `too_large`, `hash_mismatch`, `unavailable`, `denied`, `bad_key`,
 * `out_of_resources`; the signal's reason
 */
export async function fetchObject(url: string, options: FetchObjectOptions): Promise<Uint8Array> {
  const { tries, timeoutMs, signal } = { ...FETCH_OBJECT_DEFAULTS, ...options };
  using deadline = startDeadline(timeoutMs, signal);
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(url, options, deadline.signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (deadline.expired) throw unavailable(url, undefined, new Error(`not complete within ${timeoutMs} ms`));
      if (attempt >= tries || !isRetryable(error)) throw error;
    }
    const delayMs = backoffMs(attempt, RETRY, Math.random());
    await sleep(delayMs, undefined, { signal: deadline.signal }).catch(() => undefined); // the next try says why
  }
}

async function fetchOnce(url: string, options: FetchObjectOptions, signal: AbortSignal): Promise<Uint8Array> {
  const { sha256, maxBytes, timeoutMs, allowHosts } = { ...FETCH_OBJECT_DEFAULTS, ...options };
  const download = await downloadBytes(url, { maxBytes, totalTimeoutMs: timeoutMs, allowHosts, signal });
  if (!download.ok) throw faultOf(url, download, maxBytes);
  expectHash(sha256, download.sha256);
  return download.bytes;
}

function faultOf(url: string, { code, message }: FailedDownload, limitBytes: number): StoreError {
  const cause = new Error(`${code}: ${message}`);
  switch (code) {
    case 'http_404':
    case 'http_410':
      return new StoreError({ code: 'not_found', key: url });
    case 'too_large':
      return new StoreError({ code: 'too_large', key: url, limitBytes });
    case 'bad_url':
      return new StoreError({ code: 'bad_key', key: url.slice(0, 200), detail: message });
    case 'http_401':
    case 'http_403':
    case 'blocked_address':
      return new StoreError({ code: 'denied', operation: 'fetch', target: url, cause });
    default:
      return unavailable(url, code.startsWith('http_') ? Number(code.slice('http_'.length)) : undefined, cause);
  }
}

function unavailable(target: string, httpStatus: number | undefined, cause: Error): StoreError {
  return new StoreError({ code: 'unavailable', operation: 'fetch', target, httpStatus, cause });
}
