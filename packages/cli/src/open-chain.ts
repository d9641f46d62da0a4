import { type Chain, openChain } from '@tiltyard/chain';
import type { Terminal } from './terminal.js';

/** How long a command looks for a chain endpoint: a person is waiting. */
const OPEN_TIMEOUT_MS = 20_000;

/**
 * Connects to the chain for one command; close it with `await using`.
 *
 * @param urls - One ws:// or wss:// URL, or several with commas between them.
 * @throws ChainError `unreachable`, `bad_endpoint`.
 */
export async function connectChain(urls: string, { signal }: Terminal): Promise<Chain> {
  const endpoints = urls
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
  signal.throwIfAborted();
  return openChain({ endpoints, openTimeoutMs: OPEN_TIMEOUT_MS });
}
