import { readFileSync } from 'node:fs';
import { Metadata, TypeRegistry } from '@polkadot/types';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sharedData } from '../../../../test-support/shared-data.js';
import { runtimeMetadata } from '../../src/metadata/runtime-metadata.js';

const mainNetwork = sharedData('chain/finney-424.scale');
/** What may differ from the main network, each with its reason; an entry that no longer differs is an error too. */
const allowed = z
  .array(z.strictObject({ item: z.string(), why: z.string().min(20) }))
  .parse(JSON.parse(readFileSync(new URL('../vectors/metadata-differences.json', import.meta.url), 'utf8')));

/** Descriptions by item, made when asked for: the main network has thousands of items that the dev chain has not. */
type Items = ReadonlyMap<string, () => string>;
type Lookup = Metadata['asLatest']['lookup'];

describe("the dev chain's metadata", () => {
  it('decode in @polkadot/types as version 16', () => {
    const metadata = new Metadata(new TypeRegistry(), runtimeMetadata());
    expect(metadata.version).toBe(16);
    expect(metadata.asLatest.pallets.map(({ name }) => name.toString())).toEqual([
      'System',
      'Timestamp',
      'Balances',
      'SubtensorModule',
      'Commitments',
      'Drand',
    ]);
  });

  describe.skipIf(!mainNetwork)('against the main network, spec 424 (needs TILTYARD_SHARED)', () => {
    it('have every item with the same index, hashers, types, names, default and value, but for the explained ones', () => {
      const ours = itemsOf(runtimeMetadata());
      const theirs = itemsOf(new Uint8Array(readFileSync(mainNetwork ?? '')));
      const different = [...ours.keys()].filter((item) => ours.get(item)?.() !== theirs.get(item)?.());
      expect(ours.size).toBeGreaterThan(150);
      expect(different.map((item) => explain(item, ours, theirs))).toEqual(
        allowed.map(({ item }) => explain(item, ours, theirs)),
      );
    });
  });
});

function explain(item: string, ours: Items, theirs: Items): string {
  return `${item}: ${ours.get(item)?.().slice(0, 300)} | ${theirs.get(item)?.().slice(0, 300)}`;
}

/** Everything that a client resolves by name, as text. */
function itemsOf(bytes: Uint8Array): Items {
  const { lookup, pallets, extrinsic, apis } = new Metadata(new TypeRegistry(), bytes).asLatest;
  const type = (id: Parameters<Lookup['getSiType']>[0]) => shape(lookup, id);
  const items = new Map<string, () => string>();
  for (const pallet of pallets) {
    const at = pallet.name.toString();
    items.set(`${at}`, () => pallet.index.toString());
    for (const entry of pallet.storage.isSome ? pallet.storage.unwrap().items : []) {
      const map = entry.type.isMap ? entry.type.asMap : undefined;
      const keys = map === undefined ? '' : `${map.hashers.map(String)} ${type(map.key)} -> `;
      const name = `${at}.${entry.name}`;
      items.set(`${name} (storage)`, () => `${entry.modifier} ${keys}${type(map?.value ?? entry.type.asPlain)}`);
      items.set(`${name} (default)`, () => entry.fallback.toHex());
    }
    for (const kind of ['calls', 'events', 'errors'] as const) {
      const members = pallet[kind];
      if (members.isNone) continue;
      for (const { name, index, fields } of lookup.getSiType(members.unwrap().type).def.asVariant.variants) {
        items.set(`${at}.${name} (${kind})`, () => {
          const described = fields.map((field) => `${field.name} ${field.typeName}: ${type(field.type)}`);
          return `${index} ${described.join(', ')}`;
        });
      }
    }
    for (const constant of pallet.constants) {
      items.set(`${at}.${constant.name} (constant)`, () => `${type(constant.type)} ${constant.value.toHex()}`);
    }
  }
  items.set('address', () => type(extrinsic.addressType));
  items.set('signature', () => type(extrinsic.signatureType));
  items.set('transaction versions', () => extrinsic.versions.toHex());
  extrinsic.transactionExtensions.forEach((extension, i) => {
    items.set(
      `transaction extension ${i}`,
      () => `${extension.identifier} ${type(extension.type)} ${type(extension.implicit)}`,
    );
  });
  for (const api of apis) {
    for (const method of api.methods) {
      items.set(`${api.name}.${method.name} (function)`, () => {
        const inputs = method.inputs.map((input) => `${input.name}: ${type(input.type)}`);
        return `(${inputs.join(', ')}) -> ${type(method.output)}`;
      });
    }
  }
  return items;
}

/** A type in full: its path and parameters, and those it is made of. Of an outer enum only the members' names. */
function shape(lookup: Lookup, id: Parameters<Lookup['getSiType']>[0]): string {
  const { path, params, def } = lookup.getSiType(id);
  const of = (inner: Parameters<Lookup['getSiType']>[0]) => shape(lookup, inner);
  const fields = (list: typeof def.asComposite.fields) =>
    list.map((field) => `${field.name}:${of(field.type)}`).join(',');
  const parameters = params.map((param) => `${param.name}=${param.type.isSome ? of(param.type.unwrap()) : ''}`);
  const name = `${path.map(String).join('::')}${params.length > 0 ? `<${parameters}>` : ''}`;
  if (def.isPrimitive) return def.asPrimitive.toString();
  if (def.isCompact) return `Compact<${of(def.asCompact.type)}>`;
  if (def.isSequence) return `Vec<${of(def.asSequence.type)}>`;
  if (def.isArray) return `[${of(def.asArray.type)};${def.asArray.len}]`;
  if (def.isTuple) return `(${def.asTuple.map(of)})`;
  if (def.isComposite) return `${name}{${fields(def.asComposite.fields)}}`;
  const isOuter = name.startsWith('node_subtensor_runtime::Runtime');
  const variants = def.asVariant.variants.map(
    (member) => `${member.index}:${member.name}(${isOuter ? '' : fields(member.fields)})`,
  );
  // An enum's variants are known by their numbers, not by their order.
  return `${name}[${variants.sort().join('|')}]`;
}
