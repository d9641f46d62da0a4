import { DevnetError } from '../errors.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import {
  arrayOf,
  compactOf,
  composite,
  optionOf,
  type PrimitiveName,
  primitive,
  sequenceOf,
  type TypeNode,
  type TypeParameter,
  tupleOf,
} from './type-node.js';

/**
 * How one type is written, read and described. One value serves all three, so that the metadata that a client decodes
 * by cannot differ from the bytes it is sent.
 */
export interface Codec<T> {
  readonly type: TypeNode;
  write(out: ByteWriter, value: T): void;
  /** Throws DevnetError `bad_scale`. */
  read(from: ByteReader): T;
}

export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const out = new ByteWriter();
  codec.write(out, value);
  return out.finish();
}

/** Throws DevnetError `bad_scale` also where bytes are left over. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const from = new ByteReader(bytes);
  const value = codec.read(from);
  if (from.remaining > 0) throw new DevnetError({ code: 'bad_scale', detail: `${from.remaining} bytes left over` });
  return value;
}

/** `0x` and lower-case hex digits. */
export type Hex = `0x${string}`;

export const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`;
/** The bytes of hex digits that are known to be well formed. */
export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.slice(2), 'hex'));

const smallUint = (name: PrimitiveName, width: number): Codec<number> => ({
  type: primitive(name),
  write: (out, value) => out.uint(value, width),
  read: (from) => Number(from.uint(width)),
});
const bigUint = (name: PrimitiveName, width: number): Codec<bigint> => ({
  type: primitive(name),
  write: (out, value) => out.uint(value, width),
  read: (from) => from.uint(width),
});

export const u8 = smallUint('u8', 1);
export const u16 = smallUint('u16', 2);
export const u32 = smallUint('u32', 4);
export const u64 = bigUint('u64', 8);
export const u128 = bigUint('u128', 16);

export const bool: Codec<boolean> = {
  type: primitive('bool'),
  write: (out, value) => out.uint(value ? 1 : 0, 1),
  read: (from) => from.byte() !== 0,
};

export const bytes: Codec<Uint8Array> = {
  type: sequenceOf(u8.type),
  write(out, value) {
    out.compact(value.length);
    out.bytes(value);
  },
  read: (from) => from.bytes(from.count()),
};

export const str: Codec<string> = {
  type: primitive('str'),
  write: (out, value) => bytes.write(out, new TextEncoder().encode(value)),
  read: (from) => new TextDecoder().decode(bytes.read(from)),
};

/** Exactly 32 bytes, as hex: hashes and account ids, which are keys of maps on our side. */
const fixed32 = (path: string): Codec<Hex> => ({
  type: composite(path, [{ type: arrayOf(u8.type, 32), typeName: '[u8; 32]' }]),
  write: (out, value) => out.bytes(fromHex(value)),
  read: (from) => toHex(from.bytes(32)),
});

export const accountId = fixed32('sp_core::crypto::AccountId32');
export const h256 = fixed32('primitive_types::H256');

export const compactU64: Codec<bigint> = {
  type: compactOf(u64.type),
  write: (out, value) => out.compact(value),
  read: (from) => from.compact(),
};

/** A vector. */
export function vec<T>(of: Codec<T>): Codec<readonly T[]> {
  return {
    type: sequenceOf(of.type),
    write(out, values) {
      out.compact(values.length);
      for (const value of values) of.write(out, value);
    },
    read: (from) => Array.from({ length: from.count() }, () => of.read(from)),
  };
}

type TupleCodecs<T extends readonly unknown[]> = { readonly [I in keyof T]: Codec<T[I]> };

/** A tuple. */
export function tuple<T extends readonly unknown[]>(...of: TupleCodecs<T>): Codec<T> {
  const parts: readonly Codec<unknown>[] = of;
  return {
    type: tupleOf(...parts.map((part) => part.type)),
    write: (out, values) => parts.forEach((part, i) => void part.write(out, values[i])),
    // The parts' codecs are T's by their declaration; mapping over them loses that.
    read: (from) => parts.map((part) => part.read(from)) as unknown as T,
  };
}

/** A struct with named fields, written in the order they are listed. */
export function struct<T extends object>(
  path: string,
  fields: { readonly [K in keyof T]: Codec<T[K]> },
  options: {
    readonly params?: readonly TypeParameter[];
    /** The metadata's names where they are not snake_case of ours. */
    readonly typeNames?: Partial<Record<keyof T, string>>;
  } = {},
): Codec<T> {
  const parts = Object.entries(fields) as [keyof T & string, Codec<T[keyof T]>][];
  return {
    type: composite(
      path,
      parts.map(([name, part]) => ({
        name: snakeCase(name),
        type: part.type,
        ...(options.typeNames?.[name] === undefined ? {} : { typeName: options.typeNames[name] }),
      })),
      options.params,
    ),
    write: (out, value) => {
      for (const [name, part] of parts) part.write(out, value[name]);
    },
    read: (from) => Object.fromEntries(parts.map(([name, part]) => [name, part.read(from)])) as T,
  };
}

/** A Rust type that wraps another without changing its bytes, such as BoundedVec. */
export function wrapped<T>(path: string, inner: Codec<T>, params: readonly TypeParameter[]): Codec<T> {
  return { ...inner, type: composite(path, [{ type: inner.type }], params) };
}

/** `BoundedVec<T, S>`: a vector to its readers. */
export function bounded<T>(inner: Codec<T>, element: TypeNode): Codec<T> {
  return wrapped('bounded_collections::bounded_vec::BoundedVec', inner, [
    { name: 'T', type: element },
    { name: 'S', type: undefined },
  ]);
}

export function option<T>(of: Codec<T>): Codec<T | undefined> {
  return {
    type: optionOf(of.type),
    write(out, value) {
      out.uint(value === undefined ? 0 : 1, 1);
      if (value !== undefined) of.write(out, value);
    },
    read: (from) => (from.byte() === 0 ? undefined : of.read(from)),
  };
}

/** `aCamelName` as the chain writes it: `a_camel_name`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
