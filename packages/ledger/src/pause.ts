import { setTimeout as sleep } from 'node:timers/promises';

/** The jitter of all of the ledger's delays: writers that raced or lost the remote together come back apart. */
export const JITTER = 0.9;

/** Waits. @throws the signal's reason as soon as it aborts. */
export async function waitMs(delayMs: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
