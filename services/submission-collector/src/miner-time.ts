import type { Hotkey } from '@tiltyard/schema';

/**
 * What the miners of a round have used of our time. Two accounts of each: places that its files held, by which turns go, and
 * download time that counts, which has an end. Without that end a CDN that drips, and keeps every bound of a single file, would
 * hold a round up for hours.
 */
export interface MinerTime {
  /** Milliseconds of our places that a miner has used, what is under way included: who used least has the next turn. */
  usedMs(hotkey: string): number;
  /** Runs work in a miner's place. */
  using<T>(hotkey: Hotkey, work: () => Promise<T>): Promise<T>;
  /** Counts download time against a miner: time in which it was seen that not our network was slow. */
  charge(hotkey: Hotkey, ms: number): void;
  /** Whether a miner has used up the time that a round's rules give it. */
  isSpent(hotkey: Hotkey, budgetMs: number): boolean;
  /** Takes a miner's published account over, once: after a restart nobody begins anew. */
  resume(hotkey: Hotkey, publishedMs: number): void;
  /** Another round begins. */
  forget(): void;
}

/** Opens empty accounts. `now` is a monotonic clock in milliseconds. */
export function openMinerTime(now: () => number = () => performance.now()): MinerTime {
  const used = new Map<string, number>();
  const underWay = new Map<string, Set<{ readonly sinceMs: number }>>();
  const charged = new Map<Hotkey, number>();

  return {
    usedMs(hotkey) {
      let sum = used.get(hotkey) ?? 0;
      for (const { sinceMs } of underWay.get(hotkey) ?? []) sum += now() - sinceMs;
      return sum;
    },
    async using(hotkey, work) {
      const place = { sinceMs: now() };
      const places = underWay.get(hotkey) ?? new Set();
      underWay.set(hotkey, places.add(place));
      try {
        return await work();
      } finally {
        places.delete(place);
        used.set(hotkey, (used.get(hotkey) ?? 0) + now() - place.sinceMs);
      }
    },
    charge(hotkey, ms) {
      charged.set(hotkey, (charged.get(hotkey) ?? 0) + ms);
    },
    isSpent: (hotkey, budgetMs) => (charged.get(hotkey) ?? 0) >= budgetMs,
    resume(hotkey, publishedMs) {
      if (!charged.has(hotkey)) charged.set(hotkey, publishedMs);
    },
    forget() {
      used.clear();
      charged.clear();
    },
  };
}
