import type { Hex } from '../scale/codec.js';
import { uidOf } from './neurons.js';
import type { Execution } from './pallet-definition.js';
import { failSubtensor, weightsSet } from './subtensor-events.js';
import {
  commitRevealWeightsEnabled,
  lastUpdate,
  minAllowedWeights,
  networksAdded,
  setAtUid,
  stakeThreshold,
  subnetOwnerHotkey,
  subnetworkN,
  totalHotkeyAlpha,
  uids,
  validatorPermit,
  weights,
  weightsSetRateLimit,
  weightsVersionKey,
} from './subtensor-storage.js';

const MAX_WEIGHT = 65_535;

/** What a validator says of the neurons of a subnet. */
export interface WeightVector {
  readonly netuid: number;
  readonly dests: readonly number[];
  readonly weights: readonly number[];
  readonly versionKey: bigint;
}

/** Sets weights in clear. Throws CommitRevealEnabled where the subnet wants them committed, and what applyWeights does. */
export function setWeights(execution: Execution, hotkey: Hex, vector: WeightVector): void {
  if (execution.get(commitRevealWeightsEnabled, vector.netuid)) failSubtensor('CommitRevealEnabled');
  applyWeights(execution, hotkey, vector);
}

/**
 * Checks a vector in the order in which the chain does, and stores it with its largest value at 65535.
 *
 * The rate limit and `LastUpdate` belong to the commit where the subnet commits and reveals, else to this.
 */
export function applyWeights(execution: Execution, hotkey: Hex, vector: WeightVector): void {
  const { netuid, dests } = vector;
  if (netuid === 0) failSubtensor('CanNotSetRootNetworkWeights');
  if (dests.length !== vector.weights.length) failSubtensor('WeightVecNotEqualSize');
  if (!execution.get(networksAdded, netuid)) failSubtensor('MechanismDoesNotExist');
  const count = execution.get(subnetworkN, netuid);
  if (dests.length > count) failSubtensor('UidsLengthExceedUidsInSubNet');
  const uid = uidOf(execution, netuid, hotkey);
  requireStake(execution, netuid, hotkey);
  const versionKey = execution.get(weightsVersionKey, netuid);
  if (versionKey !== 0n && vector.versionKey < versionKey) failSubtensor('IncorrectWeightVersionKey');
  const isRateLimitedHere = !execution.get(commitRevealWeightsEnabled, netuid);
  if (isRateLimitedHere && !isPastRateLimit(execution, netuid, uid)) failSubtensor('SettingWeightsTooFast');

  const isSelfWeight = dests.length === 1 && dests[0] === uid;
  if (!isSelfWeight && !mayValidate(execution, netuid, uid)) failSubtensor('NeuronNoValidatorPermit');
  if (new Set(dests).size !== dests.length) failSubtensor('DuplicateUids');
  if (dests.some((dest) => dest >= count)) failSubtensor('UidVecContainInvalidOne');
  const leastLength = Math.min(count, execution.get(minAllowedWeights, netuid));
  if (!isSelfWeight && dests.length < leastLength) failSubtensor('WeightVecLengthIsLow');

  const scaled = upscale(vector.weights);
  execution.set(
    weights,
    [netuid, uid],
    dests.map((dest, i) => [dest, scaled[i] ?? 0] as const),
  );
  if (isRateLimitedHere) setAtUid(execution, lastUpdate, netuid, uid, BigInt(execution.block));
  execution.emit(weightsSet, netuid, uid);
}

/** Whether a neuron may set or commit weights again. One that has never done so may at once. */
export function isPastRateLimit(execution: Execution, netuid: number, uid: number): boolean {
  const last = execution.get(lastUpdate, netuid)[uid] ?? 0n;
  return last === 0n || BigInt(execution.block) - last >= execution.get(weightsSetRateLimit, netuid);
}

/** Throws NotEnoughStakeToSetWeights. Stake is that of the hotkey on the subnet alone. */
export function requireStake(execution: Execution, netuid: number, hotkey: Hex): void {
  if (execution.get(totalHotkeyAlpha, hotkey, netuid) < execution.get(stakeThreshold)) {
    failSubtensor('NotEnoughStakeToSetWeights');
  }
}

/** Rescales so that the largest is 65535; a vector of zeros stays one. */
export function upscale(values: readonly number[]): readonly number[] {
  const largest = values.reduce((max, value) => Math.max(max, value), 0);
  return largest === 0 ? values : values.map((value) => Math.round((value * MAX_WEIGHT) / largest));
}

function mayValidate(execution: Execution, netuid: number, uid: number): boolean {
  const ownerUid = execution.get(uids, netuid, execution.get(subnetOwnerHotkey, netuid));
  return uid === ownerUid || execution.get(validatorPermit, netuid)[uid] === true;
}
