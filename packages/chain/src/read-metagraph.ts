import type { Hotkey } from '@tiltyard/schema';
import { z } from 'zod';
import type { BlockHash } from './block.js';
import type { Metagraph, Neuron } from './chain.js';
import { ChainError } from './chain-error.js';
import type { Connection } from './connection.js';
import { readEntries, readStorage, type State, type StorageName, stateAt } from './state.js';
import { Address, Flag, Height, NO_ACCOUNT, U16 } from './storage-shapes.js';

const PALLET = 'SubtensorModule';

/** Reads who is registered in a subnet. Throws `no_such_subnet` and the read faults. */
export async function readMetagraph(connection: Connection, netuid: number, at?: BlockHash): Promise<Metagraph> {
  const state = await stateAt(connection, at);
  const { size, ownerHotkey } = await readSubnet(state, netuid);
  const perUid = <S extends z.ZodType>(item: string, shape: S) =>
    readStorage(state, [PALLET, item], [netuid], z.array(shape));
  const [hotkeys, registrations, permits, actives, updates, burnUid] = await Promise.all([
    readByUid(state, [PALLET, 'Keys'], netuid, Address),
    readByUid(state, [PALLET, 'BlockAtRegistration'], netuid, Height),
    perUid('ValidatorPermit', Flag),
    perUid('Active', Flag),
    perUid('LastUpdate', Height),
    ownerHotkey === null ? null : readUid(state, netuid, ownerHotkey),
  ]);
  const neurons: Neuron[] = [];
  for (let uid = 0; uid < size; uid += 1) {
    const hotkey = hotkeys.get(uid);
    const registeredAtBlock = registrations.get(uid) ?? Height.parse(0);
    if (hotkey === undefined) continue;
    neurons.push({
      uid,
      hotkey,
      registeredAtBlock,
      validatorPermit: permits[uid] ?? false,
      active: actives[uid] ?? false,
      lastUpdate: updates[uid] ?? Height.parse(0),
    });
  }
  const byHotkey = new Map(neurons.map((neuron) => [neuron.hotkey, neuron]));
  return { netuid, block: state.block, neurons, byHotkey, ownerHotkey, burnUid };
}

/** How many uids a subnet has, and who owns it. Throws `no_such_subnet` when it has neither. */
export async function readSubnet(state: State, netuid: number): Promise<{ size: number; ownerHotkey: Hotkey | null }> {
  const [size, owner] = await Promise.all([
    readStorage(state, [PALLET, 'SubnetworkN'], [netuid], U16),
    readStorage(state, [PALLET, 'SubnetOwnerHotkey'], [netuid], Address),
  ]);
  const ownerHotkey = owner === NO_ACCOUNT ? null : owner;
  if (size === 0 && ownerHotkey === null) throw new ChainError({ code: 'no_such_subnet', netuid });
  return { size, ownerHotkey };
}

/** The uid of a hotkey, or null when it is not registered. */
export async function readUid(state: State, netuid: number, hotkey: Hotkey): Promise<number | null> {
  return readStorage(state, [PALLET, 'Uids'], [netuid, hotkey], U16.nullable());
}

async function readByUid<S extends z.ZodType>(state: State, name: StorageName, netuid: number, value: S) {
  return new Map(await readEntries(state, name, [netuid], { key: U16, value }));
}
