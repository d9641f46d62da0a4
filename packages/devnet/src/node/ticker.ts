import type { DevnetLogger } from '../logger.js';
import type { DevChain } from './dev-chain.js';

/** Makes a block every `blockTimeMs` of wall time, until the chain halts or the returned function is called. */
export function startTicker(chain: DevChain, blockTimeMs: number, log: DevnetLogger): () => void {
  const timer = setInterval(() => {
    try {
      chain.produce();
    } catch (error) {
      clearInterval(timer);
      log.warn({ error: error instanceof Error ? error.message : String(error) }, 'the dev chain makes no more blocks');
    }
  }, blockTimeMs);
  return () => clearInterval(timer);
}
