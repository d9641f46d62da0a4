import { u64 } from '../scale/codec.js';
import { constant, type PalletDefinition, storageOf } from './pallet-definition.js';

/** The chain's own clock in milliseconds; follows from the height, see derived-state.ts. */
export const now = storageOf('Timestamp').item('Now', [], u64, 0n);

/** `pallet_timestamp`, without its inherent: a block's time follows from its height. */
export const timestampPallet: PalletDefinition = {
  name: 'Timestamp',
  index: 2,
  storage: [now],
  calls: [],
  events: [],
  errors: {},
  // Half a block's time; clients derive the block time, and the life of a transaction, from it.
  constants: [constant('MinimumPeriod', u64, 6000n)],
};
