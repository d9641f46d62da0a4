import type { GenerationResult, Generations, Side, Stem } from '@tiltyard/schema';

/** Results of runs that are not published yet. Lost with the process, and then made again. */
export interface Results {
  add(side: Side, stem: Stem, result: GenerationResult): void;
  /** A side's generated.json with what is not published yet. */
  merged(side: Side, published: Generations): Generations;
  sides(): readonly Side[];
  /** True once the first of them has waited for the interval. */
  readonly shouldPublish: boolean;
  /** Forgets what was published, unless it has been bettered meanwhile. */
  published(side: Side, file: Generations): void;
  /** Forgets a side's results: nobody wants them any more. */
  drop(side: Side): void;
  /** Begins a round, once: results of another one are forgotten. A pause does not end a round. */
  enterRound(round: number): void;
}

/** Opens an empty book of results. `now` is a monotonic clock in milliseconds. */
export function openResults(publishIntervalMs: number, now: () => number = () => performance.now()): Results {
  const bySide = new Map<Side, Map<Stem, GenerationResult>>();
  let oldest: number | undefined;
  let current: number | undefined;
  return {
    add(side, stem, result) {
      const results = bySide.get(side) ?? new Map<Stem, GenerationResult>();
      bySide.set(side, results.set(stem, result));
      oldest ??= now();
    },
    merged: (side, published) => ({ ...published, ...Object.fromEntries(bySide.get(side) ?? []) }),
    sides: () => [...bySide.keys()],
    get shouldPublish() {
      return oldest !== undefined && now() - oldest >= publishIntervalMs;
    },
    published(side, file) {
      const results = bySide.get(side);
      for (const [stem, result] of results ?? []) if (file[stem] === result) results?.delete(stem);
      if (results?.size === 0) bySide.delete(side);
      oldest = bySide.size === 0 ? undefined : now();
    },
    drop(side) {
      bySide.delete(side);
      if (bySide.size === 0) oldest = undefined;
    },
    enterRound(round) {
      if (round === current) return;
      current = round;
      bySide.clear();
      oldest = undefined;
    },
  };
}
