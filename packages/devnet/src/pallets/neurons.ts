import type { Hex } from '../scale/codec.js';
import { burn } from './balances.js';
import type { Execution } from './pallet-definition.js';
import { failSubtensor, neuronRegistered } from './subtensor-events.js';
import {
  active,
  blockAtRegistration,
  burnPrice,
  immunityPeriod,
  isNetworkMember,
  keys,
  lastUpdate,
  maxAllowedUids,
  networksAdded,
  owner,
  setAtUid,
  subnetOwnerHotkey,
  subnetworkN,
  uids,
  validatorPermit,
  weights,
} from './subtensor-storage.js';

export interface NewNeuron {
  readonly netuid: number;
  readonly hotkey: Hex;
  readonly coldkey: Hex;
}

/**
 * Registers a hotkey for the subnet's price, which the coldkey pays.
 *
 * In a full subnet it takes the place of another neuron. The main network prunes the one with the least emission; here
 * nothing is emitted, so it is the longest registered one without a permit that is past its immunity.
 */
export function burnedRegister(execution: Execution, coldkey: Hex, neuron: Omit<NewNeuron, 'coldkey'>): void {
  const { netuid, hotkey } = neuron;
  if (!execution.get(networksAdded, netuid)) failSubtensor('SubnetNotExists');
  if (execution.get(uids, netuid, hotkey) !== undefined) failSubtensor('HotKeyAlreadyRegisteredInSubNet');
  burn(execution, coldkey, execution.get(burnPrice, netuid));
  registerNeuron(execution, { netuid, hotkey, coldkey });
}

/**
 * Gives a hotkey a uid: the next free one, in a full subnet a pruned one's, or that of `replacing`.
 *
 * @returns The uid.
 */
export function registerNeuron(execution: Execution, neuron: NewNeuron, replacing?: Hex): number {
  const { netuid, hotkey, coldkey } = neuron;
  const count = execution.get(subnetworkN, netuid);
  const isFull = count >= execution.get(maxAllowedUids, netuid);
  const uid =
    replacing === undefined ? (isFull ? prunable(execution, netuid) : count) : uidOf(execution, netuid, replacing);
  if (uid < count) evict(execution, netuid, uid);
  else execution.set(subnetworkN, [netuid], count + 1);

  execution.set(keys, [netuid, uid], hotkey);
  execution.set(uids, [netuid, hotkey], uid);
  execution.set(isNetworkMember, [hotkey, netuid], true);
  execution.set(blockAtRegistration, [netuid, uid], BigInt(execution.block));
  execution.set(owner, [hotkey], coldkey);
  setAtUid(execution, lastUpdate, netuid, uid, BigInt(execution.block));
  setAtUid(execution, validatorPermit, netuid, uid, false);
  setAtUid(execution, active, netuid, uid, true);
  execution.emit(neuronRegistered, netuid, uid, hotkey);
  return uid;
}

/** The uid of a registered hotkey. Throws SubtensorModule.HotKeyNotRegisteredInSubNet. */
export function uidOf(execution: Execution, netuid: number, hotkey: Hex): number {
  return execution.get(uids, netuid, hotkey) ?? failSubtensor('HotKeyNotRegisteredInSubNet');
}

function evict(execution: Execution, netuid: number, uid: number): void {
  const hotkey = execution.get(keys, netuid, uid);
  execution.remove(uids, netuid, hotkey);
  execution.remove(isNetworkMember, hotkey, netuid);
  execution.remove(weights, netuid, uid);
}

function prunable(execution: Execution, netuid: number): number {
  const immuneFor = BigInt(execution.get(immunityPeriod, netuid));
  const permits = execution.get(validatorPermit, netuid);
  const ownerUid = execution.get(uids, netuid, execution.get(subnetOwnerHotkey, netuid));
  const candidates = Array.from({ length: execution.get(subnetworkN, netuid) }, (_, uid) => ({
    uid,
    since: execution.get(blockAtRegistration, netuid, uid),
  }))
    .filter(({ uid, since }) => uid !== ownerUid && !permits[uid] && BigInt(execution.block) - since >= immuneFor)
    .sort((a, b) => Number(a.since - b.since) || a.uid - b.uid);
  return candidates[0]?.uid ?? failSubtensor('NoNeuronIdAvailable');
}
