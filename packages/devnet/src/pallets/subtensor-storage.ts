import type { Hex } from '../scale/codec.js';
import { accountId, bool, bounded, bytes, tuple, u8, u16, u64, vec } from '../scale/codec.js';
import {
  blake2Concat,
  type Execution,
  identity,
  type StorageItem,
  storageOf,
  twox64Concat,
} from './pallet-definition.js';

const storage = storageOf('SubtensorModule');
const NOBODY = `0x${'00'.repeat(32)}` as const;
const bySubnet = [identity(u16)] as const;
const byUid = [identity(u16), identity(u16)] as const;

/** A committed, still locked vector of weights. */
export type TimelockedCommit = readonly [hotkey: Hex, block: bigint, commit: Uint8Array, revealRound: bigint];

/** The coldkey that a hotkey belongs to. */
export const owner = storage.item('Owner', [blake2Concat(accountId)], accountId, NOBODY);
/** Stake of a hotkey on a subnet, in rao of alpha. Given at the start; nothing is ever staked here. */
export const totalHotkeyAlpha = storage.item('TotalHotkeyAlpha', [blake2Concat(accountId), identity(u16)], u64, 0n);
export const totalNetworks = storage.item('TotalNetworks', [], u16, 0);
export const networksAdded = storage.item('NetworksAdded', bySubnet, bool, false);
/** Blocks between two epochs. */
export const tempo = storage.item('Tempo', bySubnet, u16, 360);
export const lastEpochBlock = storage.item('LastEpochBlock', bySubnet, u64, 0n);
export const subnetEpochIndex = storage.item('SubnetEpochIndex', bySubnet, u64, 0n);
export const subnetworkN = storage.item('SubnetworkN', bySubnet, u16, 0);
export const maxAllowedUids = storage.item('MaxAllowedUids', bySubnet, u16, 256);
export const isNetworkMember = storage.item('IsNetworkMember', [blake2Concat(accountId), identity(u16)], bool, false);
export const subnetOwner = storage.item('SubnetOwner', bySubnet, accountId, NOBODY);
export const subnetOwnerHotkey = storage.item('SubnetOwnerHotkey', bySubnet, accountId, NOBODY);
/** Blocks for which a new neuron is not pruned. */
export const immunityPeriod = storage.item('ImmunityPeriod', bySubnet, u16, 4096);
export const weightsVersionKey = storage.item('WeightsVersionKey', bySubnet, u64, 0n);
export const minAllowedWeights = storage.item('MinAllowedWeights', bySubnet, u16, 1024);
/** Blocks between two settings of weights by one neuron. */
export const weightsSetRateLimit = storage.item('WeightsSetRateLimit', bySubnet, u64, 100n);
export const commitRevealWeightsEnabled = storage.item('CommitRevealWeightsEnabled', bySubnet, bool, true);
/** Price of a registration, in rao. */
export const burnPrice = storage.item('Burn', bySubnet, u64, 100_000_000n);
export const uids = storage.optional('Uids', [identity(u16), blake2Concat(accountId)], u16);
export const keys = storage.item('Keys', byUid, accountId, NOBODY);
export const active = storage.item('Active', bySubnet, vec(bool), []);
export const lastUpdate = storage.item('LastUpdate', bySubnet, vec(u64), []);
export const validatorPermit = storage.item('ValidatorPermit', bySubnet, vec(bool), []);
export const weights = storage.item('Weights', byUid, vec(tuple<readonly [uid: number, weight: number]>(u16, u16)), []);
export const blockAtRegistration = storage.item('BlockAtRegistration', byUid, u64, 0n);
/** Stake that setting weights takes at least. */
export const stakeThreshold = storage.item('StakeThreshold', [], u64, 0n);
/** By subnet and epoch of the commit. */
export const timelockedWeightCommits = storage.item(
  'TimelockedWeightCommits',
  [twox64Concat(u16), twox64Concat(u64)],
  vec(tuple<TimelockedCommit>(accountId, u64, bounded(bytes, u8.type), u64)),
  [],
);
/** Epochs from a commit of weights to its reveal. */
export const revealPeriodEpochs = storage.item('RevealPeriodEpochs', [twox64Concat(u16)], u64, 1n);
export const commitRevealWeightsVersion = storage.item('CommitRevealWeightsVersion', [], u16, 4);
/** Always 1 here: the calls for further incentive mechanisms are not part of the dev chain. */
export const mechanismCountCurrent = storage.item('MechanismCountCurrent', [twox64Concat(u16)], u8, 1);

export const SUBTENSOR_STORAGE = [
  owner,
  totalHotkeyAlpha,
  totalNetworks,
  networksAdded,
  tempo,
  lastEpochBlock,
  subnetEpochIndex,
  subnetworkN,
  maxAllowedUids,
  isNetworkMember,
  subnetOwner,
  subnetOwnerHotkey,
  immunityPeriod,
  weightsVersionKey,
  minAllowedWeights,
  weightsSetRateLimit,
  commitRevealWeightsEnabled,
  burnPrice,
  uids,
  keys,
  active,
  lastUpdate,
  validatorPermit,
  weights,
  blockAtRegistration,
  stakeThreshold,
  timelockedWeightCommits,
  revealPeriodEpochs,
  commitRevealWeightsVersion,
  mechanismCountCurrent,
] as const;

/** Replaces one neuron's value in a subnet's vector of values by uid. */
export function setAtUid<T>(
  execution: Execution,
  item: StorageItem<readonly [netuid: number], readonly T[], readonly T[]>,
  netuid: number,
  uid: number,
  value: T,
): void {
  const values = [...execution.get(item, netuid)];
  values[uid] = value;
  execution.set(item, [netuid], values);
}
