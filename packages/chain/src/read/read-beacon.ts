import type { BlockHash } from '../block.js';
import type { Beacon } from '../chain.js';
import type { Connection } from '../connection/connection.js';
import { STORAGE } from '../runtime-names.js';
import { readStorage, type State, stateAt } from './state.js';

/** Reads the randomness beacon that opens timelocks on this chain. */
export async function readBeacon(connection: Connection, at?: BlockHash): Promise<Beacon> {
  return beaconAt(await stateAt(connection, at));
}

/** The same at a state that is open already. */
export async function beaconAt(state: State): Promise<Beacon> {
  const [config, lastStoredRound] = await Promise.all([
    readStorage(state, STORAGE.beaconConfig),
    readStorage(state, STORAGE.lastStoredRound),
  ]);
  const { publicKey, genesisTime, period } = config;
  return { publicKey, genesisSeconds: genesisTime, periodSeconds: period, lastStoredRound };
}
