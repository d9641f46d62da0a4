import type { Side } from '@tiltyard/schema';
import type { RetryLater } from '@tiltyard/service-kit';

/** Runs that are left alone for a while, longer each time that one ends without a verdict: every run pays for its pods anew. */
export interface RunRetries extends RetryLater {
  /** A run came to an end: the next one of this side waits no longer than the first time. */
  forget(side: Side): void;
  /** Another round begins. */
  clear(): void;
}

/** The longest pause, in first pauses. */
const LONGEST = 16;

/** Opens an empty book. A restart forgets it. */
export function openRunRetries(firstPauseMs: number, now: () => number = () => performance.now()): RunRetries {
  const book = new Map<string, { readonly pauseMs: number; readonly untilMs: number }>();
  return {
    putOff(side) {
      const before = book.get(side)?.pauseMs;
      const pauseMs = before === undefined ? firstPauseMs : Math.min(before * 2, firstPauseMs * LONGEST);
      book.set(side, { pauseMs, untilMs: now() + pauseMs });
    },
    isPutOff: (side) => now() < (book.get(side)?.untilMs ?? Number.NEGATIVE_INFINITY),
    forget: (side) => void book.delete(side),
    clear: () => book.clear(),
  };
}
