/** A type as the metadata describe it: structural, with the path by which clients recognise well-known types. */
export interface TypeNode {
  /** For example `['sp_core', 'crypto', 'AccountId32']`; empty for types without a name. */
  readonly path: readonly string[];
  readonly params: readonly TypeParameter[];
  readonly def: TypeDef;
}

export interface TypeParameter {
  readonly name: string;
  readonly type: TypeNode | undefined;
}

export type TypeDef =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'sequence' | 'compact'; readonly of: TypeNode }
  | { readonly kind: 'array'; readonly of: TypeNode; readonly length: number }
  | { readonly kind: 'tuple'; readonly of: readonly TypeNode[] }
  | { readonly kind: 'composite'; readonly fields: readonly TypeField[] }
  | { readonly kind: 'variant'; readonly variants: readonly TypeVariant[] };

export interface TypeField {
  readonly name?: string;
  readonly type: TypeNode;
  /** The name in the source, as in `NetUid` for a u16. */
  readonly typeName?: string;
}

export interface TypeVariant {
  readonly name: string;
  readonly index: number;
  readonly fields: readonly TypeField[];
}

/** In the order of their SCALE discriminants. */
export const PRIMITIVES = ['bool', 'char', 'str', 'u8', 'u16', 'u32', 'u64', 'u128'] as const;
export type PrimitiveName = (typeof PRIMITIVES)[number];

export const primitive = (name: PrimitiveName): TypeNode => bare({ kind: 'primitive', name });
export const sequenceOf = (of: TypeNode): TypeNode => bare({ kind: 'sequence', of });
export const compactOf = (of: TypeNode): TypeNode => bare({ kind: 'compact', of });
export const arrayOf = (of: TypeNode, length: number): TypeNode => bare({ kind: 'array', of, length });
export const tupleOf = (...of: readonly TypeNode[]): TypeNode => bare({ kind: 'tuple', of });

/** A struct. @param path - The Rust path, as `'sp_core::crypto::AccountId32'`. */
export function composite(path: string, fields: readonly TypeField[], params: readonly TypeParameter[] = []): TypeNode {
  return { path: segments(path), params, def: { kind: 'composite', fields } };
}

/** An enum. */
export function variant(
  path: string,
  variants: readonly TypeVariant[],
  params: readonly TypeParameter[] = [],
): TypeNode {
  return { path: segments(path), params, def: { kind: 'variant', variants } };
}

/** An enum whose variants carry nothing, numbered as listed. */
export function plainVariant(path: string, names: readonly string[]): TypeNode {
  return variant(
    path,
    names.map((name, index) => ({ name, index, fields: [] })),
  );
}

export const optionOf = (of: TypeNode): TypeNode =>
  variant(
    'Option',
    [
      { name: 'None', index: 0, fields: [] },
      { name: 'Some', index: 1, fields: [{ type: of }] },
    ],
    [{ name: 'T', type: of }],
  );

function bare(def: TypeDef): TypeNode {
  return { path: [], params: [], def };
}

function segments(path: string): readonly string[] {
  return path.split('::');
}
