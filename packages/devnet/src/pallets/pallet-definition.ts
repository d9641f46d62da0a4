import { blake2AsU8a, xxhashAsU8a } from '@polkadot/util-crypto';
import { DevnetError } from '../errors.js';
import type { ByteReader } from '../scale/byte-reader.js';
import { type Codec, encode, type Hex, toHex, tuple } from '../scale/codec.js';
import type { TypeField, TypeNode } from '../scale/type-node.js';

/** One pallet as the metadata, the state and the dispatcher see it. */
export interface PalletDefinition {
  readonly name: string;
  readonly index: number;
  readonly storage: readonly StorageEntry[];
  readonly calls: readonly CallDefinition[];
  readonly events: readonly EventEntry[];
  /** Error name → index. */
  readonly errors: Readonly<Record<string, number>>;
  readonly constants: readonly ConstantDefinition[];
}

/** What the metadata tell of a storage item. */
export interface StorageEntry {
  readonly name: string;
  readonly modifier: 'Optional' | 'Default';
  readonly hashers: readonly Hasher[];
  readonly keyTypes: readonly TypeNode[];
  readonly valueType: TypeNode;
  readonly fallbackBytes: Uint8Array;
  /** twox128(pallet) ‖ twox128(item). */
  readonly prefix: Hex;
}

/**
 * A typed storage item: `K` its keys, `V` its value, `R` what reading gives: `V` where there is a default, `V | undefined`
 * where there is none.
 */
export interface StorageItem<K extends readonly unknown[], V, R> extends StorageEntry {
  readonly value: Codec<V>;
  /** What an absent entry reads as. */
  readonly absent: R;
  key(...keys: K): Hex;
}

/** How a map's key is hashed into its storage key. All three keep the key itself readable at the end. */
export type Hasher = 'Identity' | 'Twox64Concat' | 'Blake2_128Concat';

export interface EventEntry {
  readonly name: string;
  readonly index: number;
  readonly fields: readonly TypeField[];
}

export interface EventDefinition<F extends readonly unknown[]> extends EventEntry {
  readonly palletIndex: number;
  readonly codec: Codec<F>;
}

export interface ConstantDefinition {
  readonly name: string;
  readonly type: TypeNode;
  readonly bytes: Uint8Array;
}

/** What a call or a hook may do to the block that is being made. Nothing else changes state. */
export interface Execution {
  /** Height of the block that is being made. */
  readonly block: number;
  get<K extends readonly unknown[], V, R>(item: StorageItem<K, V, R>, ...keys: K): V | R;
  set<K extends readonly unknown[], V, R>(item: StorageItem<K, V, R>, keys: K, value: V): void;
  remove<K extends readonly unknown[], V, R>(item: StorageItem<K, V, R>, ...keys: K): void;
  emit<F extends readonly unknown[]>(event: EventDefinition<F>, ...fields: F): void;
}

/** A decoded call, ready to be dispatched. Throws DevnetError `dispatch_failed` with an error of a pallet. */
export type Dispatch = (execution: Execution, signer: Hex) => void;

export interface CallDefinition {
  readonly name: string;
  readonly index: number;
  readonly fields: readonly TypeField[];
  /** Whether the signer needs an account with funds, as Substrate's `Pays`. */
  readonly paysFee: boolean;
  /** Decodes the arguments. Throws DevnetError `bad_scale`. */
  read(from: ByteReader): Dispatch;
}

interface HashedKey<T> {
  readonly hasher: Hasher;
  readonly codec: Codec<T>;
}
type HashedKeys<K extends readonly unknown[]> = { readonly [I in keyof K]: HashedKey<K[I]> };

export const identity = <T>(codec: Codec<T>): HashedKey<T> => ({ hasher: 'Identity', codec });
export const twox64Concat = <T>(codec: Codec<T>): HashedKey<T> => ({ hasher: 'Twox64Concat', codec });
export const blake2Concat = <T>(codec: Codec<T>): HashedKey<T> => ({ hasher: 'Blake2_128Concat', codec });

/** Defines items of one pallet's storage. */
export function storageOf(pallet: string) {
  return {
    /** An item whose absent entries read as `fallback`; no keys for a plain value. */
    item<K extends readonly unknown[], V>(
      name: string,
      keys: HashedKeys<K>,
      value: Codec<V>,
      fallback: V,
    ): StorageItem<K, V, V> {
      return {
        ...entry(pallet, name, keys, value),
        modifier: 'Default',
        fallbackBytes: encode(value, fallback),
        absent: fallback,
      };
    },
    /** An item whose absent entries read as undefined. */
    optional<K extends readonly unknown[], V>(
      name: string,
      keys: HashedKeys<K>,
      value: Codec<V>,
    ): StorageItem<K, V, undefined> {
      return {
        ...entry(pallet, name, keys, value),
        modifier: 'Optional',
        fallbackBytes: new Uint8Array([0]),
        absent: undefined,
      };
    },
  };
}

function entry<K extends readonly unknown[], V>(pallet: string, name: string, keys: HashedKeys<K>, value: Codec<V>) {
  const prefix = toHex(Buffer.concat([xxhashAsU8a(pallet, 128), xxhashAsU8a(name, 128)]));
  const parts: readonly HashedKey<unknown>[] = keys;
  return {
    name,
    hashers: parts.map((part) => part.hasher),
    keyTypes: parts.map((part) => part.codec.type),
    valueType: value.type,
    value,
    prefix,
    key: (...given: K): Hex => `${prefix}${parts.map((part, i) => hashedKey(part, given[i])).join('')}`,
  };
}

function hashedKey({ hasher, codec }: HashedKey<unknown>, key: unknown): string {
  const plain = encode(codec, key);
  const hash =
    hasher === 'Identity'
      ? new Uint8Array()
      : hasher === 'Twox64Concat'
        ? xxhashAsU8a(plain, 64)
        : blake2AsU8a(plain, 128);
  return toHex(Buffer.concat([hash, plain])).slice(2);
}

interface Field<T> {
  readonly codec: Codec<T>;
  readonly typeName: string;
}
/** A field of a call or an event, with the name its type has in the source. */
export const field = <T>(codec: Codec<T>, typeName: string): Field<T> => ({ codec, typeName });

/** Defines a call. @param run - Changes the state, or throws an error of a pallet and changes nothing. */
export function call<A extends object>(definition: {
  readonly name: string;
  readonly index: number;
  readonly args: { readonly [N in keyof A]: Field<A[N]> };
  readonly paysFee: boolean;
  readonly run: (execution: Execution, signer: Hex, args: A) => void;
}): CallDefinition {
  const { name, index, args, paysFee, run } = definition;
  const parts = Object.entries(args) as [string, Field<unknown>][];
  return {
    name,
    index,
    paysFee,
    fields: parts.map(([fieldName, part]) => ({ name: fieldName, type: part.codec.type, typeName: part.typeName })),
    read(from) {
      const values = Object.fromEntries(parts.map(([fieldName, part]) => [fieldName, part.codec.read(from)])) as A;
      return (execution, signer) => run(execution, signer, values);
    },
  };
}

/** Defines an event with unnamed fields, or named ones where `names` is given. */
export function event<F extends readonly unknown[]>(
  palletIndex: number,
  name: string,
  index: number,
  fields: { readonly [I in keyof F]: Field<F[I]> },
  names?: readonly string[],
): EventDefinition<F> {
  const parts: readonly Field<unknown>[] = fields;
  return {
    palletIndex,
    name,
    index,
    fields: parts.map((part, i) => {
      const fieldName = names?.[i];
      return {
        type: part.codec.type,
        typeName: part.typeName,
        ...(fieldName === undefined ? {} : { name: fieldName }),
      };
    }),
    // The fields' codecs are F's by their declaration; mapping over them loses that.
    codec: tuple(...parts.map((part) => part.codec)) as unknown as Codec<F>,
  };
}

export function constant<T>(name: string, codec: Codec<T>, value: T): ConstantDefinition {
  return { name, type: codec.type, bytes: encode(codec, value) };
}

/** Makes a pallet's `fail(name)`, which throws that error. */
export function errorsOf<E extends Readonly<Record<string, number>>>(pallet: string, palletIndex: number, errors: E) {
  return (error: keyof E & string): never => {
    throw new DevnetError({
      code: 'dispatch_failed',
      pallet,
      palletIndex,
      error,
      errorIndex: errors[error] ?? 0,
    });
  };
}
