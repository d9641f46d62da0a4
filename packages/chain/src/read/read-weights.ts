import type { BlockHash } from '../block.js';
import type { Connection } from '../connection/connection.js';
import { STORAGE } from '../runtime-names.js';
import { readStorage, stateAt } from './state.js';

/** Reads the weights that a uid has set: uid → 0…65535. Empty when it never did. */
export async function readWeights(
  connection: Connection,
  netuid: number,
  uid: number,
  at?: BlockHash,
): Promise<ReadonlyMap<number, number>> {
  const state = await stateAt(connection, at);
  return new Map(await readStorage(state, STORAGE.weights, [netuid, uid]));
}
