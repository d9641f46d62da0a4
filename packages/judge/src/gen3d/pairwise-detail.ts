import { Sha256 } from '@tiltyard/schema';
import { z } from 'zod';

const Penalty = z.number().min(0).max(10);
const Outcome = z.enum(['left', 'right', 'draw']);

/** `duels[].detail` of a duel that was judged pairwise: enough to derive its outcome again. */
export const PairwiseDetail = z.object({
  strategy: z.literal('pairwise'),
  draw_threshold: z.number(),
  /** Means over all calls of all judges: what decided. */
  left_penalty: Penalty,
  right_penalty: Penalty,
  judges: z
    .array(
      z.object({
        model: z.string(),
        /** What this judge alone would have decided. */
        winner: Outcome,
        left_penalty: Penalty,
        right_penalty: Penalty,
        calls: z.array(
          z.object({
            order: z.enum(['left_first', 'right_first']),
            left_penalty: Penalty,
            right_penalty: Penalty,
            issues: z.string(),
            request_sha256: Sha256,
          }),
        ),
      }),
    )
    .min(1),
});
export type PairwiseDetail = z.infer<typeof PairwiseDetail>;
