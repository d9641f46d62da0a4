import { setTimeout as sleep } from 'node:timers/promises';

/** How often and how long something that fails for a while is tried again. */
export interface BackoffOptions {
  /** The longest wait before the second try. Later ones may take twice as long each time. */
  readonly firstDelayMs: number;
  /** The longest wait of all. */
  readonly maxDelayMs: number;
}

/**
 * The wait before a try: a random part of a limit that doubles, so that processes that failed together do not come
 * back together.
 *
 * @param failures - How many tries have failed, from 1.
 * @param random - A number in [0, 1).
 * @returns milliseconds, at least a tenth of the limit.
 */
export function backoffDelayMs(failures: number, options: BackoffOptions, random: number): number {
  const limit = Math.min(options.maxDelayMs, options.firstDelayMs * 2 ** Math.min(failures - 1, 30));
  return limit * (0.1 + 0.9 * random);
}

/** Waits. @throws the signal's reason as soon as it aborts. */
export async function waitMs(delayMs: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
