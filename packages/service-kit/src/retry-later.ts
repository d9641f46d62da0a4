import { backoffMs } from '@tiltyard/schema';
import type { Stuck } from './stuck.js';

/** Why a key is delayed. */
export type PutOffBecause = Pick<Stuck, 'kind' | 'reason'>;

/** A key that failed and is not done yet, also while it is being tried again. */
export interface PutOff extends PutOffBecause {
  readonly key: string;
  /** How often it was delayed. */
  readonly times: number;
  readonly retryInMs: number;
}

/** Keys that are left alone for a while because they failed, until they are done. */
export interface RetryLater {
  /** Leaves a key alone from now on. Returns for how many milliseconds, and how often that makes. */
  putOff(key: string, because: PutOffBecause): { readonly pauseMs: number; readonly times: number };
  isPutOff(key: string): boolean;
  /** The key is done: its next pause, should there be one, is the first again. */
  forget(key: string): void;
  /** Forgets all keys but these. */
  retain(keys: ReadonlySet<string>): void;
  clear(): void;
  /** What was delayed and is not done yet. */
  all(): readonly PutOff[];
  /** The same, as a tick reports it. */
  stuck(): readonly Stuck[];
}

export interface RetryLaterOptions {
  /** Each pause of a key is twice as long as the one before, up to so many first pauses. 1: all are equal. */
  readonly longest?: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** Opens an empty book. It is kept in memory only: after a restart everything may be tried at once. */
export function retryLater(firstPauseMs: number, options: RetryLaterOptions = {}): RetryLater {
  const { longest = 1, now = () => performance.now() } = options;
  const book = new Map<string, { readonly times: number; readonly untilMs: number; readonly because: PutOffBecause }>();
  const all = () =>
    [...book].map(([key, { times, untilMs, because }]) => ({
      ...{ key, times, ...because, retryInMs: Math.max(0, untilMs - now()) },
    }));
  return {
    putOff(key, because) {
      const times = (book.get(key)?.times ?? 0) + 1;
      const pauseMs = backoffMs(times, { firstDelayMs: firstPauseMs, maxDelayMs: firstPauseMs * longest });
      book.set(key, { times, untilMs: now() + pauseMs, because });
      return { pauseMs, times };
    },
    isPutOff: (key) => now() < (book.get(key)?.untilMs ?? Number.NEGATIVE_INFINITY),
    forget: (key) => void book.delete(key),
    retain(keys) {
      for (const key of [...book.keys()]) if (!keys.has(key)) book.delete(key);
    },
    clear: () => book.clear(),
    all,
    stuck: () => all().map(({ kind, reason, retryInMs }) => ({ kind, reason, retryInMs })),
  };
}
