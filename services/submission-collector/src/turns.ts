import type { Hotkey } from '@tiltyard/schema';
import { type FairOptions, type FairQueue, fairQueueClass, hostGate } from '@tiltyard/store';
import PQueue from 'p-queue';
import type { MinersFile } from './miner-time.js';

/**
 * Whose turn it is among a round's miners. Each begins after a random pause. At downloading, the miner that has held our places
 * for the shortest time goes first; at drawing, the one whose files have cost the least.
 */
export interface Turns {
  /** Whether a miner's random pause is over. The pause begins when it is first asked for. */
  mayBegin(hotkey: Hotkey): boolean;
  /** Milliseconds of our places that a miner has used, what is under way included. */
  usedMs(hotkey: string): number;
  /** Runs work on a file in a place of its miner's: when its host has room, and we have. */
  inPlace<T>(file: MinersFile, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Runs work on a file that is in memory, from being read to being stored. */
  atDesk<T>(hotkey: Hotkey, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Another round begins. */
  forget(): void;
}

export interface TurnsOptions {
  /** Each miner's downloads begin after a random pause of at most so long. */
  readonly jitterMs: number;
  /** Files under way at once for each host, and in all, from the download to the store. */
  readonly perHost: number;
  readonly atOnce: number;
  /** Files that are in memory at once. */
  readonly deskPlaces: number;
  /** What a miner's files have cost to draw. */
  readonly drawnMs: (hotkey: string) => number;
  readonly random?: () => number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** Opens the turns of a round before the first one. */
export function openTurns(options: TurnsOptions): Turns {
  const { jitterMs, perHost, random = Math.random, now = () => performance.now() } = options;
  const begins = new Map<Hotkey, number>();
  const used = new Map<string, number>();
  const underWay = new Map<string, Set<{ readonly sinceMs: number }>>();

  function usedMs(hotkey: string): number {
    let sum = used.get(hotkey) ?? 0;
    for (const { sinceMs } of underWay.get(hotkey) ?? []) sum += now() - sinceMs;
    return sum;
  }

  async function counted<T>(hotkey: Hotkey, work: () => Promise<T>): Promise<T> {
    const place = { sinceMs: now() };
    const places = underWay.get(hotkey) ?? new Set();
    underWay.set(hotkey, places.add(place));
    try {
      return await work();
    } finally {
      places.delete(place);
      used.set(hotkey, (used.get(hotkey) ?? 0) + now() - place.sinceMs);
    }
  }

  const fair = (concurrency: number, by: (hotkey: string) => number) =>
    new PQueue<FairQueue, FairOptions>({ concurrency, queueClass: fairQueueClass(by) });
  const gate = hostGate({ perHost, used: usedMs });
  const slots = fair(options.atOnce, usedMs);
  const desk = fair(options.deskPlaces, options.drawnMs);

  return {
    mayBegin(hotkey) {
      const at = begins.get(hotkey) ?? now() + random() * jitterMs;
      begins.set(hotkey, at);
      return now() >= at;
    },
    usedMs,
    inPlace({ hotkey, url }, work, signal) {
      const turn = { owner: hotkey, signal };
      // A host's turn comes before a slot, so that those who wait for a slow host hold none.
      return gate.run(url, () => slots.add(() => counted(hotkey, work), turn), turn);
    },
    atDesk: (hotkey, work, signal) => desk.add(work, { owner: hotkey, signal }),
    forget() {
      begins.clear();
      used.clear();
    },
  };
}
