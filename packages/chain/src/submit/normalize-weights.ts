import { ChainError } from '../chain-error.js';

/** The largest weight on chain. */
export const MAX_WEIGHT = 65_535;

/**
 * Shares as the chain's 16-bit weights: the largest becomes 65535, the others keep their ratio to it, rounded.
 * In order of uid; shares that round to 0 are left out.
 *
 * @param shares - uid → any finite number from 0 up; only ratios count.
 * Throws `bad_weights` for other numbers, for uids that are not 16-bit, and when every share is 0.
 */
export function normalizeWeights(shares: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  for (const [uid, share] of shares) {
    if (!Number.isInteger(uid) || uid < 0 || uid > 0xffff) throw bad(`${uid} is not a uid`);
    if (!Number.isFinite(share) || share < 0) throw bad(`the share of uid ${uid} is ${share}`);
  }
  const largest = Math.max(0, ...shares.values());
  if (largest === 0) throw bad('every share is 0');
  // Dividing first keeps subnormal and huge shares from overflowing or vanishing in the product.
  const weights = [...shares].map(([uid, share]) => [uid, Math.round((share / largest) * MAX_WEIGHT)] as const);
  return new Map(weights.filter(([, weight]) => weight > 0).sort(([left], [right]) => left - right));
}

function bad(detail: string): ChainError {
  return new ChainError({ code: 'bad_weights', detail });
}
