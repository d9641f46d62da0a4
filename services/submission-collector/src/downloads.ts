import type { Hotkey, Stem } from '@tiltyard/schema';
import type { GenerationResult } from '@tiltyard/schema/gen3d';
import type { Stuck } from '@tiltyard/service-kit';
import type { FileKey } from './ports.js';

/**
 * The downloads of the present round, as far as this process knows: who may begin, what is finished and not yet
 * published, and what has to be tried again. All of it is made anew after a restart; nothing is lost but time.
 */
export interface Downloads {
  /** Whether a miner's random pause is over. The pause begins when it is first asked for. */
  mayBegin(hotkey: Hotkey): boolean;
  /** Whether a file may be tried (again) now. */
  isDue(key: string): boolean;
  /** Puts a file off after a failure on our side, longer each time. Returns how often it was put off. */
  putOff(key: string, reason?: string): number;
  /** Files among these that were put off so often that a person is told, as one. */
  stuck(missing: readonly string[]): readonly Stuck[];
  /** Keeps a finished entry until it is published. */
  finish(key: string, entry: GenerationResult): void;
  isFinished(key: string): boolean;
  finished(): ReadonlyMap<string, GenerationResult>;
  /** True once the first of the finished entries has waited for the interval. */
  readonly shouldPublish: boolean;
  published(keys: Iterable<string>): void;
  /** Remembers since when a file's failure has been in doubt. Returns the first such time, until it is finished. */
  doubt(key: string, sinceMs: number): number;
  /** Whether any failure is in doubt. */
  readonly hasDoubts: boolean;
  /**
   * Begins a round, once: what is known of another one is forgotten. A pause does not end a round.
   *
   * @returns true where it is another round than before.
   */
  enterRound(round: number): boolean;
}

export interface DownloadsOptions {
  readonly jitterMs: number;
  readonly publishIntervalMs: number;
  readonly random?: () => number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 300_000;
/** A file that was put off so often does not mend by itself soon. */
export const TIMES_TOLD = 3;

/** A file's name in queues and maps. */
export function fileKey({ hotkey, stem }: FileKey): string {
  return `${hotkey}/${stem}`;
}

/** The file that a key names. */
export function fileOf(key: string): FileKey {
  const at = key.indexOf('/');
  return { hotkey: key.slice(0, at) as Hotkey, stem: key.slice(at + 1) as Stem };
}

/** Opens an empty book of downloads. */
export function openDownloads(options: DownloadsOptions): Downloads {
  const { jitterMs, publishIntervalMs, random = Math.random, now = () => performance.now() } = options;
  const begins = new Map<Hotkey, number>();
  const putOffs = new Map<string, { times: number; until: number; reason: string }>();
  const doubts = new Map<string, number>();
  const entries = new Map<string, GenerationResult>();
  let oldest: number | undefined;
  let current: number | undefined;

  return {
    mayBegin(hotkey) {
      const at = begins.get(hotkey) ?? now() + random() * jitterMs;
      begins.set(hotkey, at);
      return now() >= at;
    },
    isDue: (key) => now() >= (putOffs.get(key)?.until ?? 0),
    putOff(key, reason = 'it failed') {
      const times = (putOffs.get(key)?.times ?? 0) + 1;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (times - 1));
      putOffs.set(key, { times, until: now() + pauseMs, reason });
      return times;
    },
    stuck(missing) {
      const wanted = new Set(missing);
      const told = [...putOffs].filter(([key, { times }]) => times >= TIMES_TOLD && wanted.has(key));
      const [first] = told;
      if (first === undefined) return [];
      const [key, { reason }] = first;
      const retryInMs = Math.max(0, Math.min(...told.map(([, { until }]) => until)) - now());
      return [{ kind: 'downloads', reason: `${told.length} files cannot be collected, ${key}: ${reason}`, retryInMs }];
    },
    finish(key, entry) {
      putOffs.delete(key);
      entries.set(key, entry);
      doubts.delete(key);
      oldest ??= now();
    },
    isFinished: (key) => entries.has(key),
    finished: () => entries,
    get shouldPublish() {
      return oldest !== undefined && now() - oldest >= publishIntervalMs;
    },
    published(keys) {
      for (const key of [...keys]) entries.delete(key);
      oldest = entries.size === 0 ? undefined : now();
    },
    doubt(key, sinceMs) {
      const since = doubts.get(key) ?? sinceMs;
      doubts.set(key, since);
      return since;
    },
    get hasDoubts() {
      return doubts.size > 0;
    },
    enterRound(round) {
      if (round === current) return false;
      current = round;
      begins.clear();
      putOffs.clear();
      doubts.clear();
      entries.clear();
      oldest = undefined;
      return true;
    },
  };
}
