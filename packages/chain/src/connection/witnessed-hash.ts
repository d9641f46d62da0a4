import { type BlockNumber, isFault } from '@tiltyard/schema';
import { BlockHash } from '../block.js';
import type { WitnessedHash } from '../chain.js';
import { ChainError } from '../chain-error.js';
import type { ChainLogger } from '../logger.js';
import { finalizedHash } from './block-rpc.js';
import { bounded, pause } from './bounded.js';
import type { Endpoint } from './endpoint.js';
import { NamedProvider } from './named-provider.js';
import { type Rpc, rpcOver } from './rpc-call.js';

export interface WitnessOptions {
  readonly endpoints: readonly Endpoint[];
  readonly genesisHash: BlockHash;
  /** Hosts that must give the hash; by default 2 where two are configured, else 1. */
  readonly minWitnesses: number | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly log: ChainLogger;
}

/** How far behind an endpoint may be and is waited for, and how often it is asked. */
const MOMENT_BLOCKS = 3;
const MOMENT_MS = 500;

/**
 * Asks every endpoint for a finalized block's hash, each over a connection of its own. A host is one witness, however many
 * endpoints it has; one that serves another chain is none.
 *
 * Throws `endpoints_disagree` when two differ, and `too_few_witnesses`; what each endpoint failed with is logged.
 */
export async function witnessedHash(number: BlockNumber, options: WitnessOptions): Promise<WitnessedHash> {
  const { endpoints, log } = options;
  const hosts = new Set(endpoints.map(({ host }) => host));
  const needed = options.minWitnesses ?? Math.min(2, hosts.size);
  const answers = await Promise.allSettled(endpoints.map((endpoint) => ask(endpoint, number, options)));
  options.signal.throwIfAborted();
  const heard = new Map<string, BlockHash>();
  const witnesses = new Set<string>();
  const strangers = new Set<string>();
  for (const [index, { host, name }] of endpoints.entries()) {
    const answer = answers[index];
    if (answer?.status === 'fulfilled') {
      heard.set(name, answer.value);
      witnesses.add(host);
      continue;
    }
    log.warn({ endpoint: name, number, err: answer?.reason }, 'endpoint does not witness the block');
    if (isFault(answer?.reason, ChainError, 'wrong_genesis')) strangers.add(host);
  }
  const [hash, ...others] = new Set(heard.values());
  if (others.length > 0)
    throw new ChainError({ code: 'endpoints_disagree', number, answers: Object.fromEntries(heard) });
  const otherChain = [...strangers].filter((host) => !witnesses.has(host));
  const silent = [...hosts].filter((host) => !witnesses.has(host) && !strangers.has(host));
  const told = { number, witnesses: [...witnesses], silent, otherChain };
  if (hash === undefined || witnesses.size < needed) {
    throw new ChainError({ code: 'too_few_witnesses', needed, ...told });
  }
  return { ...told, hash };
}

async function ask(endpoint: Endpoint, number: BlockNumber, options: WitnessOptions): Promise<BlockHash> {
  const { genesisHash, timeoutMs, signal } = options;
  const provider = new NamedProvider(endpoint, timeoutMs);
  const failed = new Promise<never>((_, reject) => {
    for (const event of ['error', 'disconnected'] as const) {
      const fault = { code: 'connection_lost', endpoint: endpoint.name, what: 'a witness' } as const;
      provider.on(event, () => reject(new ChainError(fault)));
    }
  });
  // It may end after the answer came, or before anyone waits for it.
  failed.catch(() => undefined);
  const asked = async () => {
    await provider.isReady;
    const connection = rpcOver(provider, endpoint.name);
    const actual = await connection.rpc('chain_getBlockHash', [0], BlockHash);
    if (actual !== genesisHash) {
      throw new ChainError({ code: 'wrong_genesis', endpoint: endpoint.name, expected: genesisHash, actual });
    }
    return await finalizedSoon(connection, number, signal);
  };
  try {
    await provider.connect();
    const answer = Promise.race([asked(), failed]);
    return await bounded(answer, { what: `block ${number} of ${endpoint.name}`, timeoutMs, signals: [signal] });
  } finally {
    await provider.disconnect().catch(() => undefined);
  }
}

/** The hash of a block that this endpoint may finalize a moment later than another one: its caller bounds the wait. */
async function finalizedSoon(connection: Rpc, number: BlockNumber, signal: AbortSignal): Promise<BlockHash> {
  for (;;) {
    try {
      return await finalizedHash(connection, number);
    } catch (error) {
      if (!isFault(error, ChainError, 'not_finalized') || number - error.fault.finalized > MOMENT_BLOCKS) throw error;
      await pause(MOMENT_MS, signal);
    }
  }
}
