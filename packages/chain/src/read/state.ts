import type { ApiDecoration } from '@polkadot/api/types';
import { stringCamelCase } from '@polkadot/util';
import type { z } from 'zod';
import type { BlockHash, BlockRef, FinalizedHead } from '../block.js';
import { ChainError } from '../chain-error.js';
import { finalizedBlock, numberOf } from '../connection/block-rpc.js';
import type { Connection } from '../connection/connection.js';
import { STORAGE, type StorageItem } from '../runtime-names.js';

/** The chain's state at one finalized block, read through the metadata that was in force there. */
export interface State {
  readonly connection: Connection;
  readonly block: BlockRef;
  readonly api: ApiDecoration<'promise'>;
}

/** More entries than any subnet can have; a bound on what an endpoint can make us hold. */
const MAX_ENTRIES = 16_384;
const PAGE_SIZE = 512;

/** Opens the state at a block, or at the newest finalized one. Throws `unknown_block`, `state_discarded`. */
export async function stateAt(connection: Connection, at: BlockHash | undefined): Promise<State> {
  const block =
    at === undefined ? await finalizedBlock(connection) : { number: await numberOf(connection, at), hash: at };
  return { connection, block, api: await connection.api.at(block.hash) };
}

/** A storage value by its keys, as checked JSON. Throws `runtime_lacks`, `malformed`. */
export async function readStorage<S extends z.ZodType>(
  { api }: State,
  item: StorageItem<S>,
  keys: readonly unknown[] = [],
): Promise<z.output<S>> {
  const value = await entryOf(api, item)(...keys);
  return checked(value.toJSON(), nameOf(item), item.shape);
}

/** All entries of a double map under its first key: the second key and the value of each, as checked JSON. */
export async function readEntries<K extends z.ZodType, S extends z.ZodType>(
  { api }: State,
  item: StorageItem<S>,
  firstKey: unknown,
  keyShape: K,
): Promise<(readonly [z.output<K>, z.output<S>])[]> {
  const what = nameOf(item);
  const entries: (readonly [z.output<K>, z.output<S>])[] = [];
  let startKey: string | undefined;
  for (;;) {
    const page = await entryOf(api, item).entriesPaged({
      args: [firstKey],
      pageSize: PAGE_SIZE,
      ...(startKey === undefined ? {} : { startKey }),
    });
    for (const [key, value] of page) {
      const second = checked(key.args[1]?.toJSON(), `a key of ${what}`, keyShape);
      entries.push([second, checked(value.toJSON(), what, item.shape)]);
    }
    if (entries.length > MAX_ENTRIES) throw new ChainError({ code: 'too_many_entries', what, limit: MAX_ENTRIES });
    startKey = page.at(-1)?.[0].toHex();
    if (page.length < PAGE_SIZE) return entries;
  }
}

function nameOf({ pallet, item }: StorageItem): string {
  return `${pallet}.${item}`;
}

function entryOf(api: ApiDecoration<'promise'>, item: StorageItem) {
  const entry = api.query[stringCamelCase(item.pallet)]?.[stringCamelCase(item.item)];
  if (entry === undefined) throw new ChainError({ code: 'runtime_lacks', kind: 'storage', name: nameOf(item) });
  return entry;
}

function checked<S extends z.ZodType>(value: unknown, what: string, shape: S): z.output<S> {
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new ChainError({ code: 'malformed', what, cause: parsed.error });
  return parsed.data;
}

/** The chain's clock at a block, in milliseconds since 1970. */
export async function timestampAt(state: State): Promise<number> {
  return readStorage(state, STORAGE.now);
}

/** The newest finalized block of an endpoint, with the chain's clock there. */
export async function headOf(connection: Connection): Promise<FinalizedHead> {
  const state = await stateAt(connection, undefined);
  return { ...state.block, timestampMs: await timestampAt(state) };
}
