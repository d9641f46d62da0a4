import type { Side, Stem } from '@tiltyard/schema';
import type { GenerationResult, Generations } from '@tiltyard/schema/gen3d';

/** Results of runs that are not published yet. Lost with the process, and then made again. */
export interface Results {
  add(side: Side, stem: Stem, result: GenerationResult): void;
  /** A side's generated.json with what is not published yet. */
  merged(side: Side, published: Generations): Generations;
  sides(): readonly Side[];
  /** True once the first of any side has waited for the interval. */
  readonly shouldPublish: boolean;
  /** Forgets what was published, unless it has been bettered meanwhile. */
  published(side: Side, file: Generations): void;
  /** Forgets a side's results: nobody wants them any more. */
  drop(side: Side): void;
  /**
   * Begins a round, once: results of another one are forgotten. A pause does not end a round.
   *
   * @returns true where it is another round than before.
   */
  enterRound(round: number): boolean;
}

/** Opens an empty book of results. `now` is a monotonic clock in milliseconds. */
export function openResults(publishIntervalMs: number, now: () => number = () => performance.now()): Results {
  const bySide = new Map<Side, { readonly results: Map<Stem, GenerationResult>; oldest: number }>();
  let current: number | undefined;
  return {
    add(side, stem, result) {
      const book = bySide.get(side) ?? { results: new Map<Stem, GenerationResult>(), oldest: now() };
      book.results.set(stem, result);
      bySide.set(side, book);
    },
    merged: (side, published) => ({ ...published, ...Object.fromEntries(bySide.get(side)?.results ?? []) }),
    sides: () => [...bySide.keys()],
    get shouldPublish() {
      return [...bySide.values()].some(({ oldest }) => now() - oldest >= publishIntervalMs);
    },
    published(side, file) {
      const book = bySide.get(side);
      if (book === undefined) return;
      const known = book.results.size;
      for (const [stem, result] of book.results) if (file[stem] === result) book.results.delete(stem);
      if (book.results.size === 0) bySide.delete(side);
      // Another side's commit, or one of builds alone, must not make results wait anew.
      else if (book.results.size < known) book.oldest = now();
    },
    drop(side) {
      bySide.delete(side);
    },
    enterRound(round) {
      if (round === current) return false;
      current = round;
      bySide.clear();
      return true;
    },
  };
}
