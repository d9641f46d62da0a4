import type { Hotkey } from '@tiltyard/schema';
import type { BlockHash } from '../block.js';
import type { Metagraph, Neuron } from '../chain.js';
import { ChainError } from '../chain-error.js';
import type { Connection } from '../connection/connection.js';
import { STORAGE } from '../runtime-names.js';
import { readEntries, readStorage, type State, stateAt } from './state.js';
import { Height, NO_ACCOUNT, U16 } from './storage-shapes.js';

/** Vectors per uid may be shorter than the subnet just after a registration. */
const GENESIS = Height.parse(0);

/** Reads who is registered in a subnet. Throws `no_such_subnet` and the read faults. */
export async function readMetagraph(connection: Connection, netuid: number, at?: BlockHash): Promise<Metagraph> {
  const state = await stateAt(connection, at);
  const { size, ownerHotkey } = await readSubnet(state, netuid);
  const [hotkeys, registrations, permits, actives, updates, burnUid] = await Promise.all([
    readEntries(state, STORAGE.keys, netuid, U16),
    readEntries(state, STORAGE.blockAtRegistration, netuid, U16),
    readStorage(state, STORAGE.validatorPermit, [netuid]),
    readStorage(state, STORAGE.active, [netuid]),
    readStorage(state, STORAGE.lastUpdate, [netuid]),
    ownerHotkey === null ? null : readUid(state, netuid, ownerHotkey),
  ]);
  const hotkeyOf = new Map(hotkeys);
  const registeredAt = new Map(registrations);
  const neurons: Neuron[] = [];
  for (let uid = 0; uid < size; uid += 1) {
    const hotkey = hotkeyOf.get(uid);
    if (hotkey === undefined) continue;
    neurons.push({
      uid,
      hotkey,
      registeredAtBlock: registeredAt.get(uid) ?? GENESIS,
      validatorPermit: permits[uid] ?? false,
      active: actives[uid] ?? false,
      lastUpdate: updates[uid] ?? GENESIS,
    });
  }
  const byHotkey = new Map(neurons.map((neuron) => [neuron.hotkey, neuron]));
  return { netuid, block: state.block, neurons, byHotkey, ownerHotkey, burnUid };
}

/** How many uids a subnet has, and who owns it. Throws `no_such_subnet` when it has neither. */
export async function readSubnet(state: State, netuid: number): Promise<{ size: number; ownerHotkey: Hotkey | null }> {
  const [size, owner] = await Promise.all([
    readStorage(state, STORAGE.subnetworkN, [netuid]),
    readStorage(state, STORAGE.subnetOwnerHotkey, [netuid]),
  ]);
  const ownerHotkey = owner === NO_ACCOUNT ? null : owner;
  if (size === 0 && ownerHotkey === null) throw new ChainError({ code: 'no_such_subnet', netuid });
  return { size, ownerHotkey };
}

/** The uid of a hotkey, or null when it is not registered. */
export async function readUid(state: State, netuid: number, hotkey: Hotkey): Promise<number | null> {
  return readStorage(state, STORAGE.uids, [netuid, hotkey]);
}
