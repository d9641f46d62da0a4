import type { ApiDecoration } from '@polkadot/api/types';
import { stringCamelCase } from '@polkadot/util';
import { z } from 'zod';
import type { BlockHash, BlockRef, FinalizedHead } from './block.js';
import { finalizedBlock, numberOf } from './block-rpc.js';
import { ChainError } from './chain-error.js';
import type { Connection } from './connection.js';

/** The chain's state at one finalized block, read through the metadata that was in force there. */
export interface State {
  readonly connection: Connection;
  readonly block: BlockRef;
  readonly api: ApiDecoration<'promise'>;
}

/** More entries than any subnet can have; a bound on what an endpoint can make us hold. */
export const MAX_ENTRIES = 16_384;
const PAGE_SIZE = 512;

/** Opens the state at a block, or at the newest finalized one. Throws `unknown_block`, `state_discarded`. */
export async function stateAt(connection: Connection, at: BlockHash | undefined): Promise<State> {
  const block =
    at === undefined ? await finalizedBlock(connection) : { number: await numberOf(connection, at), hash: at };
  return { connection, block, api: await connection.api.at(block.hash) };
}

/** A storage value by names and keys, as JSON, checked. Throws `runtime_lacks`, `malformed`. */
export async function readStorage<S extends z.ZodType>(
  { api }: State,
  name: StorageName,
  keys: readonly unknown[],
  shape: S,
): Promise<z.output<S>> {
  const value = await storage(api, name)(...keys);
  return checked(value.toJSON(), name.join('.'), shape);
}

/** All entries of a map under its first keys: the remaining keys and the value of each, as JSON, checked. */
export async function readEntries<K extends z.ZodType, V extends z.ZodType>(
  { api }: State,
  name: StorageName,
  keys: readonly unknown[],
  shape: { readonly key: K; readonly value: V },
): Promise<(readonly [z.output<K>, z.output<V>])[]> {
  const what = name.join('.');
  const entries: (readonly [z.output<K>, z.output<V>])[] = [];
  let startKey: string | undefined;
  for (;;) {
    const page = await storage(api, name).entriesPaged({
      args: [...keys],
      pageSize: PAGE_SIZE,
      ...(startKey === undefined ? {} : { startKey }),
    });
    for (const [key, value] of page) {
      const rest = key.args.slice(keys.length).map((arg) => arg.toJSON());
      entries.push([checked(rest[0], `a key of ${what}`, shape.key), checked(value.toJSON(), what, shape.value)]);
    }
    if (entries.length > MAX_ENTRIES) throw new ChainError({ code: 'too_many_entries', what, limit: MAX_ENTRIES });
    startKey = page.at(-1)?.[0].toHex();
    if (page.length < PAGE_SIZE) return entries;
  }
}

/** Pallet and item as the metadata names them. */
export type StorageName = readonly [pallet: string, item: string];

function storage(api: ApiDecoration<'promise'>, [pallet, item]: StorageName) {
  const entry = api.query[stringCamelCase(pallet)]?.[stringCamelCase(item)];
  if (entry === undefined) throw new ChainError({ code: 'runtime_lacks', kind: 'storage', name: `${pallet}.${item}` });
  return entry;
}

function checked<S extends z.ZodType>(value: unknown, what: string, shape: S): z.output<S> {
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new ChainError({ code: 'malformed', what, cause: parsed.error });
  return parsed.data;
}

/** The chain's clock at a block, in milliseconds since 1970. */
export async function timestampAt(state: State): Promise<number> {
  return readStorage(state, ['Timestamp', 'Now'], [], z.int().nonnegative());
}

/** The newest finalized block of an endpoint, with the chain's clock there. */
export async function headOf(connection: Connection): Promise<FinalizedHead> {
  const state = await stateAt(connection, undefined);
  return { ...state.block, timestampMs: await timestampAt(state) };
}
