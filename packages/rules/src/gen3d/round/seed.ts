import { createHash } from 'node:crypto';
import { RulesError } from '../../rules-error.js';

const DOMAIN = 'tiltyard-seed';
const BLOCK_HASH = /^0x[0-9a-fA-F]{64}$/;

/**
 * The round's seed: the first four bytes, big-endian, of sha256("tiltyard-seed" ‖ block hash ‖ round as u32be).
 *
 * The block is the last of the reveal window, finalized: no one knows its hash while submissions can still change, and
 * everyone can check it afterwards.
 *
 * @param blockHash - Hash of the finalized block `latest_reveal_block`: 0x and 64 hex digits.
 * @param round - The round's number.
 * @returns an integer from 0 to 2^32 - 1.
 * @throws {RulesError} `block_hash_malformed`, `round_out_of_range`.
 * @see docs/rules.md#seed
 */
export function seedOf(blockHash: string, round: number): number {
  if (!BLOCK_HASH.test(blockHash)) throw new RulesError({ code: 'block_hash_malformed', hash: blockHash });
  if (!Number.isInteger(round) || round < 0 || round > 0xffff_ffff) {
    throw new RulesError({ code: 'round_out_of_range', round });
  }
  const roundBytes = Buffer.alloc(4);
  roundBytes.writeUInt32BE(round);
  return createHash('sha256')
    .update(DOMAIN, 'ascii')
    .update(Buffer.from(blockHash.slice(2), 'hex'))
    .update(roundBytes)
    .digest()
    .readUInt32BE(0);
}
