import type { BlockHash } from './block.js';
import type { Hyperparameters } from './chain.js';
import type { Connection } from './connection.js';
import { readSubnet } from './read-metagraph.js';
import { readStorage, type State, stateAt } from './state.js';
import { BigU64, Flag, SmallU64, U16 } from './storage-shapes.js';

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
  const of = (item: string) => ['SubtensorModule', item] as const;
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
    readStorage(state, of('Tempo'), [netuid], U16),
    readStorage(state, of('WeightsSetRateLimit'), [netuid], SmallU64),
    readStorage(state, of('WeightsVersionKey'), [netuid], BigU64),
    readStorage(state, of('MinAllowedWeights'), [netuid], U16),
    readStorage(state, of('CommitRevealWeightsEnabled'), [netuid], Flag),
    readStorage(state, of('CommitRevealWeightsVersion'), [], U16),
    readStorage(state, of('RevealPeriodEpochs'), [netuid], SmallU64),
    readStorage(state, of('ImmunityPeriod'), [netuid], U16),
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
