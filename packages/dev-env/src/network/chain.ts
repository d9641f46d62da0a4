import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { minerUri } from '../gen3d/network/miners.js';
import { PROJECT_ROOT, packageEntry } from './entries.js';
import type { NetworkLayout } from './layout.js';
import { listeningUrl, type ManagedProcess, startProcess } from './managed-process.js';

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

/** Starts the dev chain as a process; `announced` is its URL. */
export async function startChain(layout: NetworkLayout, options: LocalChainOptions): Promise<ManagedProcess> {
  const { seed, miners, blockTimeMs } = options;
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
  return await startProcess({
    name: 'chain',
    command: process.execPath,
    args: [packageEntry('devnet')],
    env: { DEVNET_OPTIONS_FILE: optionsFile, TMPDIR: layout.tmp },
    cwd: PROJECT_ROOT,
    logFile: path.join(layout.logs, 'chain.log'),
    ready: listeningUrl,
    signal: options.signal,
    ...(options.onSpawned === undefined ? {} : { onSpawned: options.onSpawned }),
  });
}
