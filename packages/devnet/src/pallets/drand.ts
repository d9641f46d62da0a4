import { bounded, bytes, struct, u8, u32, u64, vec } from '../scale/codec.js';
import { blake2Concat, event, field, type PalletDefinition, storageOf } from './pallet-definition.js';

const INDEX = 26;
const storage = storageOf('Drand');
const boundedBytes = bounded(bytes, u8.type);

export interface BeaconConfiguration {
  /** Compressed point on G2, 96 bytes. */
  readonly publicKey: Uint8Array;
  /** Seconds between rounds. */
  readonly period: number;
  /** Unix seconds of round 1. */
  readonly genesisTime: number;
  readonly hash: Uint8Array;
  readonly groupHash: Uint8Array;
  readonly schemeId: Uint8Array;
  readonly metadata: { readonly beaconId: Uint8Array };
}

export interface Pulse {
  readonly round: bigint;
  readonly randomness: Uint8Array;
  /** Compressed point on G1, 48 bytes. */
  readonly signature: Uint8Array;
}

const NONE = new Uint8Array();
export const beaconConfig = storage.item(
  'BeaconConfig',
  [],
  struct<BeaconConfiguration>('pallet_drand::types::BeaconConfiguration', {
    publicKey: boundedBytes,
    period: u32,
    genesisTime: u32,
    hash: boundedBytes,
    groupHash: boundedBytes,
    schemeId: boundedBytes,
    metadata: struct('pallet_drand::types::Metadata', { beaconId: boundedBytes }),
  }),
  {
    publicKey: NONE,
    period: 0,
    genesisTime: 0,
    hash: NONE,
    groupHash: NONE,
    schemeId: NONE,
    metadata: { beaconId: NONE },
  },
);

/** Only rounds that something on chain waited for are here; every other one is never signed. */
export const pulses = storage.optional(
  'Pulses',
  [blake2Concat(u64)],
  struct<Pulse>('pallet_drand::types::Pulse', { round: u64, randomness: boundedBytes, signature: boundedBytes }),
);

/** The round that the beacon has reached at the block's time; follows from the height, see derived-state.ts. */
export const lastStoredRound = storage.item('LastStoredRound', [], u64, 0n);

export const newPulse = event(INDEX, 'NewPulse', 1, [field(vec(u64), 'Vec<RoundNumber>')], ['rounds']);

/** `pallet_drand`, without the calls by which its off-chain worker delivers pulses: the dev chain has its own beacon. */
export const drandPallet: PalletDefinition = {
  name: 'Drand',
  index: INDEX,
  storage: [beaconConfig, pulses, lastStoredRound],
  calls: [],
  events: [newPulse],
  errors: {},
  constants: [],
};
