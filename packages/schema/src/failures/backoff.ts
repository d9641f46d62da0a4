/** How long something that fails for a while is left alone before it is tried again. */
export interface Backoff {
  /** The delay after the first failure, in milliseconds; each further failure doubles it. */
  readonly firstDelayMs: number;
  /** The longest delay. Without it, the delay is bounded by the number of tries alone. */
  readonly maxDelayMs?: number;
  /** The share of a delay that chance may take away, so that processes that failed together do not come back together. */
  readonly jitter?: number;
}

/**
 * The delay before the next try, in milliseconds.
 *
 * @param failures - How many tries have failed, from 1.
 * @param random - A number in [0, 1); it decides nothing where there is no jitter.
 */
export function backoffMs(failures: number, backoff: Backoff, random = 0): number {
  const { firstDelayMs, maxDelayMs = Number.POSITIVE_INFINITY, jitter = 0 } = backoff;
  const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(failures - 1, 30));
  return delayMs - delayMs * jitter * (1 - random);
}
