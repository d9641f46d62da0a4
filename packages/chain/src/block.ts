import type { BlockNumber } from '@tiltyard/schema';
import { z } from 'zod';

/** A block's hash: 0x and 64 lower-case hex digits. */
export const BlockHash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'is not a block hash')
  .brand<'BlockHash'>();
export type BlockHash = z.infer<typeof BlockHash>;

/** A finalized block's place on the chain. */
export interface BlockRef {
  readonly number: BlockNumber;
  readonly hash: BlockHash;
}

/** The newest finalized block that an endpoint told of. */
export interface FinalizedHead extends BlockRef {
  /** `Timestamp.Now` at that block: milliseconds since 1970, the chain's own clock. */
  readonly timestampMs: number;
}
