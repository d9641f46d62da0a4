/** Keys that are left alone for a while. */
export interface RetryLater {
  putOff(key: string): void;
  isPutOff(key: string): boolean;
}

/**
 * Puts keys off for a fixed time by a monotonic clock. Kept in memory only: after a restart everything may be tried at
 * once.
 */
export function retryLater(pauseMs: number, now: () => number = () => performance.now()): RetryLater {
  const until = new Map<string, number>();
  return {
    putOff(key) {
      until.set(key, now() + pauseMs);
    },
    isPutOff(key) {
      const end = until.get(key);
      if (end === undefined) return false;
      if (now() < end) return true;
      until.delete(key);
      return false;
    },
  };
}
