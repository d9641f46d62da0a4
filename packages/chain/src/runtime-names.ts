import { z } from 'zod';
import { Address, BigU64, Bytes, Flag, Height, SmallU64, U16 } from './read/storage-shapes.js';

/** A storage item by its names in the metadata, and the shape of its value as JSON. */
export interface StorageItem<S extends z.ZodType = z.ZodType> {
  readonly pallet: string;
  readonly item: string;
  readonly shape: S;
}

const subtensor = <S extends z.ZodType>(item: string, shape: S) => ({ pallet: 'SubtensorModule', item, shape });
const commitments = <S extends z.ZodType>(item: string, shape: S) => ({ pallet: 'Commitments', item, shape });

/** Every storage item that this client reads. Indices drift between runtime versions; names have not. */
export const STORAGE = {
  now: { pallet: 'Timestamp', item: 'Now', shape: SmallU64 },
  account: { pallet: 'System', item: 'Account', shape: z.looseObject({ nonce: SmallU64 }) },

  subnetworkN: subtensor('SubnetworkN', U16),
  subnetOwnerHotkey: subtensor('SubnetOwnerHotkey', Address),
  keys: subtensor('Keys', Address),
  uids: subtensor('Uids', U16.nullable()),
  blockAtRegistration: subtensor('BlockAtRegistration', Height),
  validatorPermit: subtensor('ValidatorPermit', z.array(Flag)),
  active: subtensor('Active', z.array(Flag)),
  lastUpdate: subtensor('LastUpdate', z.array(Height)),
  weights: subtensor('Weights', z.array(z.tuple([U16, U16]))),

  tempo: subtensor('Tempo', U16),
  weightsSetRateLimit: subtensor('WeightsSetRateLimit', SmallU64),
  weightsVersionKey: subtensor('WeightsVersionKey', BigU64),
  minAllowedWeights: subtensor('MinAllowedWeights', U16),
  commitRevealWeightsEnabled: subtensor('CommitRevealWeightsEnabled', Flag),
  commitRevealWeightsVersion: subtensor('CommitRevealWeightsVersion', U16),
  revealPeriodEpochs: subtensor('RevealPeriodEpochs', SmallU64),
  immunityPeriod: subtensor('ImmunityPeriod', U16),

  commitmentOf: commitments(
    'CommitmentOf',
    z.object({ block: Height, info: z.object({ fields: z.array(z.record(z.string(), z.unknown())) }) }).nullable(),
  ),
  revealedCommitments: commitments('RevealedCommitments', z.array(z.tuple([Bytes, Height])).nullable()),

  beaconConfig: {
    pallet: 'Drand',
    item: 'BeaconConfig',
    shape: z.object({ publicKey: Bytes, period: z.int().positive(), genesisTime: SmallU64 }),
  },
  lastStoredRound: { pallet: 'Drand', item: 'LastStoredRound', shape: SmallU64 },
} as const satisfies Readonly<Record<string, StorageItem>>;

/** Every call that this client makes: pallet, then call. */
export const CALLS = {
  setCommitment: ['Commitments', 'set_commitment'],
  setWeights: ['SubtensorModule', 'set_weights'],
  commitTimelockedWeights: ['SubtensorModule', 'commit_timelocked_weights'],
} as const;

/** Every function of the runtime that this client asks through `state_call`: API, then function. */
export const RUNTIME_FUNCTIONS = {
  nextEpochStartBlock: ['SubnetInfoRuntimeApi', 'get_next_epoch_start_block'],
} as const;
