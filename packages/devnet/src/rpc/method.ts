import { z } from 'zod';
import type { DevChain } from '../node/dev-chain.js';
import type { Hex } from '../scale/codec.js';
import type { Session } from './session.js';

/** Answers one JSON-RPC method. Throws DevnetError, or ZodError for wrong parameters. */
export type Method = (params: unknown, session: Session) => unknown;
export type Methods = Readonly<Record<string, Method>>;

/** A method with positional parameters; missing and null ones at the end are undefined. */
export function method<const P extends readonly z.ZodType[]>(
  shape: P,
  answer: (...args: [...{ -readonly [I in keyof P]: z.output<P[I]> }, Session]) => unknown,
): Method {
  return (params, session) => {
    const given = Array.isArray(params) ? (params as readonly unknown[]) : [];
    const args = shape.map((part, i) => part.parse(given[i] ?? undefined));
    // Each argument was parsed by the schema at its place.
    return answer(...([...args, session] as unknown as Parameters<typeof answer>));
  };
}

const MAX_HEX_CHARACTERS = 1_000_000;
/** Hex of whole bytes, in lower case. */
export const HexParam = z
  .string()
  .max(MAX_HEX_CHARACTERS)
  .regex(/^0x(?:[0-9a-fA-F]{2})*$/, 'is not hex')
  .transform((text) => text.toLowerCase() as Hex);
/** A block by its hash; none: the head. */
export const BlockHashParam = HexParam.optional();

/** The height of a hash's block, or the head's without one; undefined where no such block is known. */
export function heightOf(chain: DevChain, hash: Hex | undefined): number | undefined {
  return hash === undefined ? chain.head : chain.headers.heightOf(hash);
}
