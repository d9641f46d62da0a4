import { setTimeout as sleep } from 'node:timers/promises';
import { downloadBytes } from '@tiltyard/store';
import { SampleError } from '../objects/sample-error.js';

export interface FetchOptions {
  /** `host:port` of the local network's servers. */
  readonly allowHosts: readonly string[];
  readonly signal: AbortSignal;
}

const MAX_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 20_000;
const RETRY_MS = 300;

/**
 * Downloads a file, again and again until it is there.
 *
 * @param patienceMs - How long a file that does not come is waited for.
 * @throws SampleError `unreadable` when it did not come in that time
 */
export async function fetchPatiently(url: string, patienceMs: number, options: FetchOptions): Promise<Uint8Array> {
  const patience = AbortSignal.timeout(patienceMs);
  const { allowHosts, signal } = options;
  for (;;) {
    const download = await downloadBytes(url, { maxBytes: MAX_BYTES, totalTimeoutMs: TIMEOUT_MS, allowHosts, signal });
    if (download.ok) return download.bytes;
    const mayCome = download.retryable || download.code === 'http_404';
    if (!mayCome || patience.aborted) throw new SampleError({ code: 'unreadable', target: url, detail: download.code });
    await sleep(RETRY_MS, undefined, { signal });
  }
}
