import { multiAddressType } from '../pallets/balances.js';
import type { Hasher, PalletDefinition, StorageEntry } from '../pallets/pallet-definition.js';
import { errorType, PALLETS, runtimeCall, runtimeError, runtimeEvent, variantOf } from '../runtime/pallets.js';
import { ByteWriter } from '../scale/byte-writer.js';
import { bytes, str, u8 } from '../scale/codec.js';
import { arrayOf, composite, type TypeNode, tupleOf, variant } from '../scale/type-node.js';
import { RUNTIME_APIS } from './runtime-apis.js';
import { SIGNED_EXTENSIONS } from './signed-extensions.js';
import { TypeTable, writeVec } from './type-table.js';

/** The version of the metadata format that is served. */
export const METADATA_VERSION = 16;
const MAGIC = new TextEncoder().encode('meta');
const EXTRINSIC_VERSION = 4;
const NO_DOCS = 0;
/** Of an item, and of an enum's variants. */
const NOT_DEPRECATED = 0;
/** Of frame-metadata's `StorageHasher`. */
const HASHERS: Readonly<Record<Hasher, number>> = { Blake2_128Concat: 2, Twox64Concat: 5, Identity: 6 };

/**
 * The runtime's metadata, from the pallets' own definitions: what a client decodes by and what the chain stores are one
 * table. Format: `frame-metadata`'s RuntimeMetadataV16, with its magic number.
 */
export function runtimeMetadata(): Uint8Array {
  const types = new TypeTable();
  const rest = new ByteWriter();
  writeVec(rest, PALLETS, (pallet) => writePallet(rest, types, pallet));
  writeExtrinsic(rest, types);
  writeApis(rest, types);
  for (const outer of [runtimeCall, runtimeEvent, runtimeError]) rest.compact(types.id(outer));
  rest.compact(0); // custom metadata

  const out = new ByteWriter();
  out.bytes(MAGIC);
  out.uint(METADATA_VERSION, 1);
  types.write(out);
  out.bytes(rest.finish());
  return out.finish();
}

function writePallet(out: ByteWriter, types: TypeTable, pallet: PalletDefinition): void {
  str.write(out, pallet.name);
  writeStorage(out, types, pallet);
  writeOptionalType(out, types, variantOf(pallet, 'Call', pallet.calls));
  writeOptionalType(out, types, variantOf(pallet, 'Event', pallet.events));
  writeVec(out, pallet.constants, ({ name, type, bytes: value }) => {
    str.write(out, name);
    out.compact(types.id(type));
    bytes.write(out, value);
    writeFootnotes(out);
  });
  writeOptionalType(out, types, errorType(pallet));
  out.compact(0); // associated types
  out.compact(0); // view functions
  u8.write(out, pallet.index);
  writeFootnotes(out);
}

function writeStorage(out: ByteWriter, types: TypeTable, { name, storage }: PalletDefinition): void {
  out.uint(storage.length === 0 ? 0 : 1, 1);
  if (storage.length === 0) return;
  str.write(out, name);
  writeVec(out, storage, (entry) => {
    str.write(out, entry.name);
    out.uint(entry.modifier === 'Optional' ? 0 : 1, 1);
    writeEntryType(out, types, entry);
    bytes.write(out, entry.fallbackBytes);
    writeFootnotes(out);
  });
}

function writeEntryType(out: ByteWriter, types: TypeTable, { hashers, keyTypes, valueType }: StorageEntry): void {
  const [onlyKey] = keyTypes;
  out.uint(onlyKey === undefined ? 0 : 1, 1);
  if (onlyKey !== undefined) {
    writeVec(out, hashers, (hasher) => out.uint(HASHERS[hasher], 1));
    out.compact(types.id(keyTypes.length === 1 ? onlyKey : tupleOf(...keyTypes)));
  }
  out.compact(types.id(valueType));
}

function writeOptionalType(out: ByteWriter, types: TypeTable, type: TypeNode | undefined): void {
  out.uint(type === undefined ? 0 : 1, 1);
  if (type === undefined) return;
  out.compact(types.id(type));
  out.compact(NOT_DEPRECATED);
}

function writeFootnotes(out: ByteWriter): void {
  out.compact(NO_DOCS);
  out.uint(NOT_DEPRECATED, 1);
}

function writeExtrinsic(out: ByteWriter, types: TypeTable): void {
  const signature = variant(
    'sp_runtime::MultiSignature',
    ['Ed25519', 'Sr25519', 'Ecdsa'].map((name, index) => ({
      name,
      index,
      fields: [{ type: arrayOf(u8.type, name === 'Ecdsa' ? 65 : 64) }],
    })),
  );
  const extra = tupleOf(...SIGNED_EXTENSIONS.map(({ carried }) => carried));
  // Nothing refers to it, but clients look among the types for the one of this path.
  types.id(
    composite(
      'sp_runtime::generic::unchecked_extrinsic::UncheckedExtrinsic',
      [{ type: bytes.type }],
      [
        { name: 'Address', type: multiAddressType },
        { name: 'Call', type: runtimeCall },
        { name: 'Signature', type: signature },
        { name: 'Extra', type: extra },
      ],
    ),
  );
  writeVec(out, [EXTRINSIC_VERSION], (version) => u8.write(out, version));
  for (const type of [multiAddressType, runtimeCall, signature]) out.compact(types.id(type));
  // All extensions in order, for the one version of them that there is, which is 0.
  out.compact(1);
  u8.write(out, 0);
  writeVec(out, [...SIGNED_EXTENSIONS.keys()], (index) => out.compact(index));
  writeVec(out, SIGNED_EXTENSIONS, ({ identifier, carried, implied }) => {
    str.write(out, identifier);
    out.compact(types.id(carried));
    out.compact(types.id(implied));
  });
}

function writeApis(out: ByteWriter, types: TypeTable): void {
  writeVec(out, RUNTIME_APIS, ({ name, methods, version }) => {
    str.write(out, name);
    writeVec(out, methods, (method) => {
      str.write(out, method.name);
      writeVec(out, method.inputs, (input) => {
        str.write(out, input.name);
        out.compact(types.id(input.type));
      });
      out.compact(types.id(method.output));
      writeFootnotes(out);
    });
    out.compact(NO_DOCS);
    out.compact(version);
    out.uint(NOT_DEPRECATED, 1);
  });
}
