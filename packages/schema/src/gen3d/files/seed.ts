import { z } from 'zod';
import { BlockNumber } from '../../names.js';
import { openObject } from '../../open-object.js';

/** The round's seed, 32 bits, and the finalized block whose hash it follows from. */
export const Seed = openObject({
  seed: z.int().min(0).max(0xffff_ffff).describe('32 bits that the draws of the round follow from'),
  block: BlockNumber.describe('finalized block that it follows from').optional(),
  block_hash: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/, 'is not a block hash')
    .describe('its hash')
    .optional(),
  witnesses: z
    .array(z.string().regex(/^[A-Za-z0-9._:[\]-]{1,260}$/, 'is not a host'))
    .max(64)
    .describe('hosts of the chain endpoints that gave this hash')
    .optional(),
});
export type Seed = z.infer<typeof Seed>;
