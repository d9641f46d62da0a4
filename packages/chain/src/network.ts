import { GENESIS_HASHES } from '@tiltyard/schema';
import { BlockHash } from './block.js';

/** A chain that has a name. */
export interface Network {
  readonly endpoint: string;
  /** The hash of block 0; undefined where every chain of that name has its own. */
  readonly genesisHash: BlockHash | undefined;
}

/** Bittensor's chains by the names that btcli gives them. The one table of aliases. */
export const NETWORKS = {
  finney: {
    endpoint: 'wss://entrypoint-finney.opentensor.ai:443',
    genesisHash: BlockHash.parse(GENESIS_HASHES.finney),
  },
  test: {
    endpoint: 'wss://test.finney.opentensor.ai:443',
    genesisHash: BlockHash.parse(GENESIS_HASHES.test),
  },
  local: { endpoint: 'ws://127.0.0.1:9944', genesisHash: undefined },
} as const satisfies Readonly<Record<string, Network>>;
export type NetworkName = keyof typeof NETWORKS;

/** Whether a text is one of the names. */
export function isNetworkName(text: string): text is NetworkName {
  return Object.hasOwn(NETWORKS, text);
}
