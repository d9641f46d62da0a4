import { BlockHash, type Chain, type ChainAddress, openChain } from '@tiltyard/chain';
import type { Terminal } from './terminal/terminal.js';

/** How long a command looks for a chain endpoint: a person is waiting. */
const OPEN_TIMEOUT_MS = 20_000;

/**
 * Connects to the chain for one command; close it with `await using`.
 *
 * @param genesis - The chain that the repository's config.json names, where it does.
 * @throws ChainError `unreachable`, `wrong_genesis`.
 */
export async function connectChain(
  { endpoints, genesisHash }: ChainAddress,
  { signal }: Terminal,
  genesis?: string,
): Promise<Chain> {
  const expected = genesis === undefined ? genesisHash : BlockHash.parse(genesis);
  signal.throwIfAborted();
  const opening = openChain({
    endpoints,
    openTimeoutMs: OPEN_TIMEOUT_MS,
    ...(expected === undefined ? {} : { genesisHash: expected }),
  });
  return await untilAborted(opening, signal);
}

/** Stops waiting for an opening connection when the command is interrupted; it is closed as soon as it is open. */
function untilAborted(opening: Promise<Chain>, signal: AbortSignal): Promise<Chain> {
  return new Promise((resolve, reject) => {
    const abandon = () => {
      reject(signal.reason);
      opening.then((chain) => chain.close()).catch(() => undefined);
    };
    signal.addEventListener('abort', abandon, { once: true });
    opening.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}
