import { z } from 'zod';
import type { BlockHash } from './block.js';
import type { Beacon } from './chain.js';
import type { Connection } from './connection.js';
import { readStorage, type State, stateAt } from './state.js';
import { Bytes, SmallU64 } from './storage-shapes.js';

const BeaconConfig = z.object({
  publicKey: Bytes,
  period: z.int().positive(),
  genesisTime: z.int().nonnegative(),
});

/** Reads the randomness beacon that opens timelocks on this chain. */
export async function readBeacon(connection: Connection, at?: BlockHash): Promise<Beacon> {
  return beaconAt(await stateAt(connection, at));
}

/** The same at a state that is open already. */
export async function beaconAt(state: State): Promise<Beacon> {
  const [config, lastStoredRound] = await Promise.all([
    readStorage(state, ['Drand', 'BeaconConfig'], [], BeaconConfig),
    readStorage(state, ['Drand', 'LastStoredRound'], [], SmallU64),
  ]);
  const { publicKey, genesisTime, period } = config;
  return { publicKey, genesisSeconds: genesisTime, periodSeconds: period, lastStoredRound };
}
