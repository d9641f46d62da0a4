import type { Hotkey } from '@tiltyard/schema';
import type { GenerationResult, Stem } from '@tiltyard/schema/gen3d';
import { retryLater, type Stuck } from '@tiltyard/service-kit';

/** One file to be collected. */
export interface FileKey {
  readonly hotkey: Hotkey;
  readonly stem: Stem;
}

/**
 * The downloads of the present round, as far as this process knows: what is finished and not yet published, and what has to
 * be tried again. All of it is made again after a restart; nothing is lost but time.
 */
export interface Downloads {
  /** Whether a file may be tried (again) now. */
  isDue(key: string): boolean;
  /** Delays a file after a failure on our side, longer each time. Returns how often it was delayed. */
  putOff(key: string, reason?: string): number;
  /** Files among these that were delayed so often that a person should know, as one entry. */
  stuck(missing: readonly string[]): readonly Stuck[];
  /** Keeps a finished entry until it is published. */
  finish(key: string, entry: GenerationResult): void;
  isFinished(key: string): boolean;
  finished(): ReadonlyMap<string, GenerationResult>;
  /** True once the first of the finished entries has waited for the interval. */
  readonly shouldPublish: boolean;
  published(keys: Iterable<string>): void;
  /**
   * Begins a round, once: what is known of another one is forgotten. A pause does not end a round.
   *
   * @returns true where it is another round than before.
   */
  enterRound(round: number): boolean;
}

export interface DownloadsOptions {
  readonly publishIntervalMs: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

const FIRST_PAUSE_MS = 2_000;
/** Five minutes, in first pauses. */
const LONGEST_PAUSE = 150;
/** After so many delays, a file is unlikely to recover by itself soon. */
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
export function openDownloads({ publishIntervalMs, now = () => performance.now() }: DownloadsOptions): Downloads {
  const retries = retryLater(FIRST_PAUSE_MS, { longest: LONGEST_PAUSE, now });
  const entries = new Map<string, GenerationResult>();
  let oldest: number | undefined;
  let current: number | undefined;

  return {
    isDue: (key) => !retries.isPutOff(key),
    putOff: (key, reason = 'it failed') => retries.putOff(key, { kind: 'downloads', reason }).times,
    stuck(missing) {
      const wanted = new Set(missing);
      const told = retries.all().filter(({ key, times }) => times >= TIMES_TOLD && wanted.has(key));
      const [first] = told;
      if (first === undefined) return [];
      const reason = `${told.length} files cannot be collected, ${first.key}: ${first.reason}`;
      return [{ kind: 'downloads', reason, retryInMs: Math.min(...told.map(({ retryInMs }) => retryInMs)) }];
    },
    finish(key, entry) {
      retries.forget(key);
      entries.set(key, entry);
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
    enterRound(round) {
      if (round === current) return false;
      current = round;
      retries.clear();
      entries.clear();
      oldest = undefined;
      return true;
    },
  };
}
