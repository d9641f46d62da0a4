import type { ByteWriter } from '../scale/byte-writer.js';
import { str, u8 } from '../scale/codec.js';
import { PRIMITIVES, type TypeDef, type TypeField, type TypeNode } from '../scale/type-node.js';

/** Numbers types for the metadata's registry: equal types get one id, and a type comes after those it is made of. */
export class TypeTable {
  readonly #ids = new Map<string, number>();
  readonly #rows: Row[] = [];

  /** The id of a type; adds it where it is new. */
  id(type: TypeNode): number {
    const row = this.#row(type);
    const key = JSON.stringify(row);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.#rows.length);
    this.#rows.push(row);
    return this.#rows.length - 1;
  }

  /** Writes `PortableRegistry`. */
  write(out: ByteWriter): void {
    out.compact(this.#rows.length);
    this.#rows.forEach((row, id) => {
      out.compact(id);
      writeRow(out, row);
    });
  }

  #row({ path, params, def }: TypeNode): Row {
    return {
      path,
      params: params.map(({ name, type }) => [name, type === undefined ? undefined : this.id(type)] as const),
      def: this.#def(def),
    };
  }

  #def(def: TypeDef): RowDef {
    switch (def.kind) {
      case 'primitive':
        return { kind: 'primitive', discriminant: PRIMITIVES.indexOf(def.name) };
      case 'sequence':
      case 'compact':
        return { kind: def.kind, of: this.id(def.of) };
      case 'array':
        return { kind: 'array', of: this.id(def.of), length: def.length };
      case 'tuple':
        return { kind: 'tuple', of: def.of.map((part) => this.id(part)) };
      case 'composite':
        return { kind: 'composite', fields: def.fields.map((field) => this.#field(field)) };
      case 'variant':
        return {
          kind: 'variant',
          variants: def.variants.map(({ name, index, fields }) => ({
            name,
            index,
            fields: fields.map((field) => this.#field(field)),
          })),
        };
    }
  }

  #field({ name, type, typeName }: TypeField): RowField {
    return { name, type: this.id(type), typeName };
  }
}

interface RowField {
  readonly name: string | undefined;
  readonly type: number;
  readonly typeName: string | undefined;
}
type RowDef =
  | { readonly kind: 'primitive'; readonly discriminant: number }
  | { readonly kind: 'sequence' | 'compact'; readonly of: number }
  | { readonly kind: 'array'; readonly of: number; readonly length: number }
  | { readonly kind: 'tuple'; readonly of: readonly number[] }
  | { readonly kind: 'composite'; readonly fields: readonly RowField[] }
  | {
      readonly kind: 'variant';
      readonly variants: readonly {
        readonly name: string;
        readonly index: number;
        readonly fields: readonly RowField[];
      }[];
    };
interface Row {
  readonly path: readonly string[];
  readonly params: readonly (readonly [name: string, type: number | undefined])[];
  readonly def: RowDef;
}

/** Of scale-info's `TypeDef`. */
const DISCRIMINANTS = { composite: 0, variant: 1, sequence: 2, array: 3, tuple: 4, primitive: 5, compact: 6 } as const;
const NO_DOCS = 0;

function writeRow(out: ByteWriter, { path, params, def }: Row): void {
  writeVec(out, path, (segment) => str.write(out, segment));
  writeVec(out, params, ([name, type]) => {
    str.write(out, name);
    out.uint(type === undefined ? 0 : 1, 1);
    if (type !== undefined) out.compact(type);
  });
  u8.write(out, DISCRIMINANTS[def.kind]);
  writeDef(out, def);
  out.compact(NO_DOCS);
}

function writeDef(out: ByteWriter, def: RowDef): void {
  switch (def.kind) {
    case 'primitive':
      out.uint(def.discriminant, 1);
      break;
    case 'sequence':
    case 'compact':
      out.compact(def.of);
      break;
    case 'array':
      out.uint(def.length, 4);
      out.compact(def.of);
      break;
    case 'tuple':
      writeVec(out, def.of, (part) => out.compact(part));
      break;
    case 'composite':
      writeVec(out, def.fields, (field) => writeField(out, field));
      break;
    case 'variant':
      writeVec(out, def.variants, ({ name, index, fields }) => {
        str.write(out, name);
        writeVec(out, fields, (field) => writeField(out, field));
        out.uint(index, 1);
        out.compact(NO_DOCS);
      });
  }
}

function writeField(out: ByteWriter, { name, type, typeName }: RowField): void {
  writeOptionalText(out, name);
  out.compact(type);
  writeOptionalText(out, typeName);
  out.compact(NO_DOCS);
}

function writeOptionalText(out: ByteWriter, text: string | undefined): void {
  out.uint(text === undefined ? 0 : 1, 1);
  if (text !== undefined) str.write(out, text);
}

/** A compact count and the elements. */
export function writeVec<T>(out: ByteWriter, values: readonly T[], write: (value: T) => void): void {
  out.compact(values.length);
  values.forEach(write);
}
