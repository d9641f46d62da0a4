import type { Hotkey } from '@tiltyard/schema';
import type { GenerationResult, Generations } from '@tiltyard/schema/gen3d';

/**
 * What counts against the miners of a round: the time that downloading and drawing their files took, which has an end. Without
 * that end a CDN that drips, or files that take a renderer to its deadline, would hold a round up for hours.
 */
export interface MinerTime {
  /** What a miner's files have cost to draw: who cost least has the next turn at the renderer. */
  drawnMs(hotkey: string): number;
  /** Counts download time against a miner: time in which it was seen that not our network was slow. */
  downloaded(file: MinersFile, ms: number): void;
  /** Counts what a file cost to draw by its own doing. */
  drew(file: MinersFile, ms: number): void;
  /**
   * Counts a try at drawing that our machine failed: it was too busy, or ended the process. What the file had of it counts
   * (`leastMs`). All that it may have cost (`mostMs`) does once another miner's file has been drawn since this miner's last
   * such try: then the machine could draw, and the file is too large for what is left of it. So a fault of ours
   * is never counted at once, nor waited for without end.
   */
  undrawn(file: MinersFile, cost: { readonly leastMs: number; readonly mostMs: number }): void;
  /** What all tries at a file have cost its miner, for its entry. */
  costOf(file: MinersFile): FileCost;
  /** Whether a miner has used up the time that a round's rules give it. */
  isSpent(hotkey: Hotkey, limits: TimeLimits): boolean;
  /** Takes a miner's published account over, once: after a restart no miner starts from zero. */
  resume(hotkey: Hotkey, published: Generations): void;
  /** Another round begins. */
  forget(): void;
}

/** A file by its miner and its address. */
export interface MinersFile {
  readonly hotkey: Hotkey;
  readonly url: string;
}

/** What a miner's files may take in a round, in seconds: in all, and of the renderer. */
export interface TimeLimits {
  readonly miner_seconds: number;
  readonly miner_draw_seconds: number;
}

type FileCost = Pick<GenerationResult, 'download_seconds' | 'draw_seconds'>;

interface Account {
  downloadMs: number;
  drawMs: number;
}

/** Opens empty accounts. `now` is a monotonic clock in milliseconds. */
export function openMinerTime(now: () => number = () => performance.now()): MinerTime {
  const miners = new Map<string, Account>();
  const files = new Map<string, Account>();
  /** When a file of each miner was last drawn, and when our machine last failed at one. */
  const drawnAt = new Map<Hotkey, number>();
  const undrawnAt = new Map<Hotkey, number>();

  function count({ hotkey, url }: MinersFile, kind: keyof Account, ms: number): void {
    for (const account of [accountIn(miners, hotkey), accountIn(files, `${hotkey} ${url}`)]) account[kind] += ms;
  }

  function hasOtherDrawn(hotkey: Hotkey, sinceMs: number): boolean {
    return [...drawnAt].some(([other, at]) => other !== hotkey && at >= sinceMs);
  }

  return {
    drawnMs: (hotkey) => miners.get(hotkey)?.drawMs ?? 0,
    downloaded: (file, ms) => count(file, 'downloadMs', ms),
    drew(file, ms) {
      count(file, 'drawMs', ms);
      drawnAt.set(file.hotkey, now());
    },
    undrawn(file, { leastMs, mostMs }) {
      const since = undrawnAt.get(file.hotkey);
      count(file, 'drawMs', since !== undefined && hasOtherDrawn(file.hotkey, since) ? mostMs : leastMs);
      undrawnAt.set(file.hotkey, now());
    },
    costOf({ hotkey, url }) {
      const { downloadMs, drawMs } = accountIn(files, `${hotkey} ${url}`);
      const seconds = (ms: number) => Math.round(ms) / 1000;
      return {
        ...(downloadMs === 0 ? {} : { download_seconds: seconds(downloadMs) }),
        ...(drawMs === 0 ? {} : { draw_seconds: seconds(drawMs) }),
      };
    },
    isSpent(hotkey, { miner_seconds, miner_draw_seconds }) {
      const { downloadMs, drawMs } = accountIn(miners, hotkey);
      return downloadMs + drawMs >= miner_seconds * 1000 || drawMs >= miner_draw_seconds * 1000;
    },
    resume(hotkey, published) {
      if (miners.has(hotkey)) return;
      const account = accountIn(miners, hotkey);
      for (const { download_seconds = 0, draw_seconds = 0 } of Object.values(published)) {
        account.downloadMs += download_seconds * 1000;
        account.drawMs += draw_seconds * 1000;
      }
    },
    forget() {
      for (const book of [miners, files, drawnAt, undrawnAt]) book.clear();
    },
  };
}

function accountIn(accounts: Map<string, Account>, key: string): Account {
  const account = accounts.get(key) ?? { downloadMs: 0, drawMs: 0 };
  accounts.set(key, account);
  return account;
}
