import { BlockNumber } from '@tiltyard/schema';
import { z } from 'zod';
import { BlockHash, type BlockRef } from '../block.js';
import { ChainError } from '../chain-error.js';
import type { Rpc } from './rpc-call.js';

/** A header as JSON-RPC gives it. Its hash is never computed here: the endpoint's own is asked for. */
export const Header = z.object({
  number: z
    .union([z.int().nonnegative(), z.string().regex(/^0x[0-9a-f]{1,12}$/)])
    .transform((number) => BlockNumber.parse(Number(number))),
});

/** The endpoint's newest finalized block. */
export async function finalizedBlock(connection: Rpc): Promise<BlockRef> {
  const hash = await connection.rpc('chain_getFinalizedHead', [], BlockHash);
  return { number: await numberOf(connection, hash), hash };
}

/** The height of a block by its hash. Throws `unknown_block`. */
export async function numberOf(connection: Rpc, hash: BlockHash): Promise<BlockNumber> {
  const header = await connection.rpc('chain_getHeader', [hash], Header.nullable());
  if (header === null) throw new ChainError({ code: 'unknown_block', block: hash });
  return header.number;
}

/** The hash of a finalized block by its height. Throws `not_finalized`, `unknown_block`. */
export async function finalizedHash(connection: Rpc, number: BlockNumber): Promise<BlockHash> {
  const finalized = await finalizedBlock(connection);
  if (number > finalized.number) throw new ChainError({ code: 'not_finalized', number, finalized: finalized.number });
  const hash = await connection.rpc('chain_getBlockHash', [number], BlockHash.nullable());
  if (hash === null) throw new ChainError({ code: 'unknown_block', block: number });
  return hash;
}
