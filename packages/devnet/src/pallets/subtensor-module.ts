import { accountId, bounded, bytes, u8, u16, u64, vec } from '../scale/codec.js';
import { burnedRegister } from './neurons.js';
import { call, constant, field, type PalletDefinition } from './pallet-definition.js';
import { setWeights } from './set-weights.js';
import {
  neuronRegistered,
  SUBTENSOR_ERRORS,
  SUBTENSOR_INDEX,
  timelockedWeightsCommitted,
  timelockedWeightsRevealed,
  weightsSet,
} from './subtensor-events.js';
import { SUBTENSOR_STORAGE } from './subtensor-storage.js';
import { commitTimelockedWeights } from './timelocked-weights.js';

/** `pallet_subtensor` as far as a competition needs it: neurons, weights in clear and committed. No emission, no staking. */
export const subtensorModule: PalletDefinition = {
  name: 'SubtensorModule',
  index: SUBTENSOR_INDEX,
  storage: SUBTENSOR_STORAGE,
  calls: [
    call({
      name: 'set_weights',
      index: 0,
      args: {
        netuid: field(u16, 'NetUid'),
        dests: field(vec(u16), 'Vec<u16>'),
        weights: field(vec(u16), 'Vec<u16>'),
        version_key: field(u64, 'u64'),
      },
      paysFee: false,
      run: (execution, signer, { netuid, dests, weights, version_key: versionKey }) =>
        setWeights(execution, signer, { netuid, dests, weights, versionKey }),
    }),
    call({
      name: 'burned_register',
      index: 7,
      args: { netuid: field(u16, 'NetUid'), hotkey: field(accountId, 'T::AccountId') },
      paysFee: true,
      run: burnedRegister,
    }),
    call({
      name: 'commit_timelocked_weights',
      index: 113,
      args: {
        netuid: field(u16, 'NetUid'),
        commit: field(bounded(bytes, u8.type), 'BoundedVec<u8, ConstU32<MAX_CRV3_COMMIT_SIZE_BYTES>>'),
        reveal_round: field(u64, 'u64'),
        commit_reveal_version: field(u16, 'u16'),
      },
      paysFee: false,
      run: (execution, signer, { netuid, commit, reveal_round: revealRound, commit_reveal_version: version }) =>
        commitTimelockedWeights(execution, signer, { netuid, commit, revealRound, version }),
    }),
  ],
  events: [weightsSet, neuronRegistered, timelockedWeightsCommitted, timelockedWeightsRevealed],
  errors: SUBTENSOR_ERRORS,
  constants: [constant('InitialTempo', u16, 360), constant('InitialBurn', u64, 100_000_000n)],
};
