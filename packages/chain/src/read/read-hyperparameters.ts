import type { BlockHash } from '../block.js';
import type { Hyperparameters } from '../chain.js';
import type { Connection } from '../connection/connection.js';
import { STORAGE } from '../runtime-names.js';
import { readSubnet } from './read-metagraph.js';
import { readStorage, type State, stateAt } from './state.js';

/** Reads what a subnet demands of weights. Throws `no_such_subnet` and the read faults. */
export async function readHyperparameters(
  connection: Connection,
  netuid: number,
  at?: BlockHash,
): Promise<Hyperparameters> {
  const state = await stateAt(connection, at);
  await readSubnet(state, netuid);
  return hyperparametersAt(state, netuid);
}

/** The same at a state that is open already; the subnet must exist. */
export async function hyperparametersAt(state: State, netuid: number): Promise<Hyperparameters> {
  const [
    tempo,
    weightsSetRateLimit,
    weightsVersionKey,
    minAllowedWeights,
    commitRevealEnabled,
    commitRevealVersion,
    revealPeriodEpochs,
    immunityPeriod,
  ] = await Promise.all([
    readStorage(state, STORAGE.tempo, [netuid]),
    readStorage(state, STORAGE.weightsSetRateLimit, [netuid]),
    readStorage(state, STORAGE.weightsVersionKey, [netuid]),
    readStorage(state, STORAGE.minAllowedWeights, [netuid]),
    readStorage(state, STORAGE.commitRevealWeightsEnabled, [netuid]),
    readStorage(state, STORAGE.commitRevealWeightsVersion),
    readStorage(state, STORAGE.revealPeriodEpochs, [netuid]),
    readStorage(state, STORAGE.immunityPeriod, [netuid]),
  ]);
  return {
    netuid,
    block: state.block,
    tempo,
    weightsSetRateLimit,
    weightsVersionKey,
    minAllowedWeights,
    commitRevealEnabled,
    commitRevealVersion,
    revealPeriodEpochs,
    immunityPeriod,
  };
}
