import { WsProvider } from '@polkadot/api';
import type { BlockNumber } from '@tiltyard/schema';
import { BlockHash } from './block.js';
import { finalizedHash } from './block-rpc.js';
import { bounded } from './bounded.js';
import type { WitnessedHash } from './chain.js';
import { ChainError } from './chain-error.js';
import type { Endpoint } from './endpoint.js';
import type { ChainLogger } from './logger.js';
import { rpcOver } from './rpc-call.js';

export interface WitnessOptions {
  readonly endpoints: readonly Endpoint[];
  readonly genesisHash: BlockHash;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly log: ChainLogger;
}

/**
 * Asks every endpoint for a finalized block's hash, each over a connection of its own.
 * Throws `endpoints_disagree` when two differ; when none answers, the first one's failure.
 */
export async function witnessedHash(number: BlockNumber, options: WitnessOptions): Promise<WitnessedHash> {
  const answers = await Promise.allSettled(options.endpoints.map((endpoint) => ask(endpoint, number, options)));
  const heard = new Map<string, BlockHash>();
  const silent: string[] = [];
  for (const [index, answer] of answers.entries()) {
    const endpoint = options.endpoints[index]?.name ?? '';
    if (answer.status === 'fulfilled') heard.set(endpoint, answer.value);
    else {
      options.log.warn({ endpoint, number, err: answer.reason }, 'endpoint does not witness the block');
      silent.push(endpoint);
    }
  }
  const [hash, ...others] = new Set(heard.values());
  if (hash === undefined) throw answers.find((answer) => answer.status === 'rejected')?.reason;
  if (others.length > 0)
    throw new ChainError({ code: 'endpoints_disagree', number, answers: Object.fromEntries(heard) });
  return { number, hash, witnesses: [...heard.keys()], silent };
}

async function ask(endpoint: Endpoint, number: BlockNumber, options: WitnessOptions): Promise<BlockHash> {
  const { genesisHash, timeoutMs, signal } = options;
  const provider = new WsProvider(endpoint.url, false, {}, timeoutMs);
  const failed = new Promise<never>((_, reject) => {
    for (const event of ['error', 'disconnected'] as const) {
      const fault = { code: 'connection_lost', endpoint: endpoint.name, what: 'a witness' } as const;
      provider.on(event, () => reject(new ChainError(fault)));
    }
  });
  // It may end after the answer came, or before anybody waits for it.
  failed.catch(() => undefined);
  const asked = async () => {
    await provider.isReady;
    const connection = rpcOver(provider, endpoint.name);
    const actual = await connection.rpc('chain_getBlockHash', [0], BlockHash);
    if (actual !== genesisHash) {
      throw new ChainError({ code: 'wrong_genesis', endpoint: endpoint.name, expected: genesisHash, actual });
    }
    return finalizedHash(connection, number);
  };
  try {
    await provider.connect();
    const answer = Promise.race([asked(), failed]);
    return await bounded(answer, { what: `block ${number} of ${endpoint.name}`, timeoutMs, signals: [signal] });
  } finally {
    await provider.disconnect().catch(() => undefined);
  }
}
