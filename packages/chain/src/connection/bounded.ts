import { setMaxListeners } from 'node:events';
import { ChainError } from '../chain-error.js';

export interface Bounds {
  /** What is waited for, in the error's words. */
  readonly what: string;
  readonly timeoutMs: number;
  /** Each ends the wait by throwing its reason. */
  readonly signals?: readonly (AbortSignal | undefined)[];
}

/** Waits for a promise, but not forever: throws `timed_out`, or the reason of the first signal that aborts. */
export async function bounded<T>(promise: Promise<T>, { what, timeoutMs, signals = [] }: Bounds): Promise<T> {
  const listening = signals.filter((signal) => signal !== undefined);
  // When the race is lost, the promise's own failure no longer matters.
  promise.catch(() => undefined);
  let giveUp: () => void = () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<never>((_, reject) => {
    giveUp = () => reject(listening.find((signal) => signal.aborted)?.reason);
    timer = setTimeout(() => reject(new ChainError({ code: 'timed_out', what, timeoutMs })), timeoutMs);
  });
  try {
    for (const signal of listening) {
      signal.throwIfAborted();
      // Any number of waits may share a signal, and each takes its listener away again: many are no leak.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', giveUp, { once: true });
    }
    return await Promise.race([promise, bound]);
  } finally {
    clearTimeout(timer);
    for (const signal of listening) signal.removeEventListener('abort', giveUp);
  }
}

/** Waits a time on a monotonic timer; throws the reason of the first signal that aborts. */
export async function pause(delayMs: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const rest = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, delayMs);
  });
  try {
    await bounded(rest, { what: 'a pause', timeoutMs: delayMs + 60_000, signals });
  } finally {
    clearTimeout(timer);
  }
}
