import type { z } from 'zod';
import { BlockNumber } from '../../names.js';
import { openObject } from '../../open-object.js';

/**
 * A round's blocks: reveals count from `earliest_reveal_block` to `latest_reveal_block`, both included, and generation
 * ends at `generation_deadline_block` (absent in the earliest rounds of the reference).
 */
export const Schedule = openObject({
  earliest_reveal_block: BlockNumber.describe('first block whose reveals count'),
  latest_reveal_block: BlockNumber.describe('last block whose reveals count; the seed follows from its hash'),
  generation_deadline_block: BlockNumber.describe(
    'files may be fetched from this block on; absent in the earliest rounds of some repositories',
  ).optional(),
});
export type Schedule = z.infer<typeof Schedule>;
