import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ManagedProcess } from '@tiltyard/processes';
import { packageEntry } from './entries.js';
import type { NetworkLayout } from './layout.js';
import { startNetworkProcess } from './network-process.js';

/** The subnet of the local network. */
export const NETUID = 17;
/** The validator that runs the weight-setter. */
export const VALIDATOR_URI = '//validator';
const START_BLOCK = 7_000_000;
const RAO = 1_000_000_000;

export interface LocalChainOptions {
  readonly seed: string;
  /** Names of the miners that are registered from the start. */
  readonly miners: readonly string[];
  readonly blockTimeMs: number;
  readonly onSpawned?: (process: ManagedProcess) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The development key of a miner. */
export function minerUri(name: string): string {
  return `//miner-${name}`;
}

/** Starts the dev chain as a process; `announced` is its URL. */
export async function startChain(layout: NetworkLayout, options: LocalChainOptions): Promise<ManagedProcess> {
  const { seed, miners, blockTimeMs, onSpawned, signal } = options;
  const accounts = [...miners.map(minerUri), '//owner', VALIDATOR_URI];
  const devnet = {
    seed,
    startBlock: START_BLOCK,
    blockTimeMs,
    folder: layout.chain,
    subnets: [
      {
        netuid: NETUID,
        owner: { hotkey: '//owner' },
        validators: [{ hotkey: VALIDATOR_URI, stakeRao: 10_000 * RAO }],
        miners: miners.map((name) => ({ hotkey: minerUri(name) })),
        commitRevealWeights: false,
        weightsSetRateLimit: 2,
      },
    ],
    funds: accounts.map((account) => ({ account, rao: 1_000 * RAO })),
  };
  const optionsFile = path.join(layout.root, 'devnet.json');
  await writeFile(optionsFile, JSON.stringify(devnet, null, 2));
  return await startNetworkProcess(layout, {
    name: 'chain',
    args: [packageEntry('devnet')],
    env: { DEVNET_OPTIONS_FILE: optionsFile },
    onSpawned,
    signal,
  });
}
