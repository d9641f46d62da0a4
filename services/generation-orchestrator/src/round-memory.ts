import type { Side } from '@tiltyard/schema';
import type { GenerationResult, Generations, Stem } from '@tiltyard/schema/gen3d';
import { type RetryLater, retryLater } from '@tiltyard/service-kit';

/** Part of the reason for which a pod was given up, in pod_stats.json as well. */
export const HEALTHY_AFTER_BREAK = 'it answered /health right after';

/**
 * What this process knows of the present round besides the repository: results that are not published yet, broken connections,
 * and runs that wait to be started again. It is lost with the process: results are then made again, and the rest is in the
 * miner's favour.
 */
export interface RoundMemory {
  /**
   * Begins a round, once: forgets everything about another one. A pause does not end a round.
   *
   * @returns true where it is another round than before.
   */
  enterRound(round: number): boolean;
  /** Runs that our side could not finish, until they may be started again. */
  readonly retries: RetryLater;
  add(side: Side, stem: Stem, result: GenerationResult): void;
  /** A side's generated.json with what is not published yet. */
  merged(side: Side, published: Generations): Generations;
  /** Sides with results that are not published. */
  sides(): readonly Side[];
  /** True once the first result of any side has waited for the interval. */
  readonly shouldPublish: boolean;
  /** Forgets what was published, unless it has been bettered meanwhile. */
  published(side: Side, file: Generations): void;
  /** Forgets a side's results: they are no longer wanted. */
  drop(side: Side): void;
  /**
   * Counts a connection that a side's container broke, and was healthy right after. Returns how many that makes in this round:
   * not in this run, since such a run is stranded and started again.
   */
  brokeConnection(side: Side): number;
  /** Forgets everything about a side: its run begins from the start. */
  forget(side: Side): void;
}

export interface RoundMemoryOptions {
  readonly publishIntervalMs: number;
  /** The pause before a run is started again. Every run pays for its pods again, so that the pause grows. */
  readonly runRetryMs: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** The longest pause before a run, in first pauses. */
const LONGEST_RETRY = 16;

interface SideMemory {
  readonly results: Map<Stem, GenerationResult>;
  /** When the first of the results came. */
  oldestMs: number;
  brokenConnections: number;
}

/** Opens an empty memory. */
export function openRoundMemory(options: RoundMemoryOptions): RoundMemory {
  const { publishIntervalMs, runRetryMs, now = () => performance.now() } = options;
  const retries = retryLater(runRetryMs, { longest: LONGEST_RETRY });
  const known = new Map<Side, SideMemory>();
  let current: number | undefined;

  function of(side: Side): SideMemory {
    const memory = known.get(side) ?? { results: new Map(), oldestMs: now(), brokenConnections: 0 };
    known.set(side, memory);
    return memory;
  }
  const withResults = () => [...known].filter(([, { results }]) => results.size > 0);

  return {
    enterRound(round) {
      if (round === current) return false;
      current = round;
      known.clear();
      retries.clear();
      return true;
    },
    retries,
    add(side, stem, result) {
      const memory = of(side);
      if (memory.results.size === 0) memory.oldestMs = now();
      memory.results.set(stem, result);
    },
    merged: (side, published) => ({ ...published, ...Object.fromEntries(known.get(side)?.results ?? []) }),
    sides: () => withResults().map(([side]) => side),
    get shouldPublish() {
      return withResults().some(([, { oldestMs }]) => now() - oldestMs >= publishIntervalMs);
    },
    published(side, file) {
      const memory = known.get(side);
      if (memory === undefined) return;
      const before = memory.results.size;
      for (const [stem, result] of memory.results) if (file[stem] === result) memory.results.delete(stem);
      // Another side's commit, or one of builds alone, must not make results wait again.
      if (memory.results.size < before) memory.oldestMs = now();
    },
    drop: (side) => known.get(side)?.results.clear(),
    brokeConnection(side) {
      const memory = of(side);
      memory.brokenConnections += 1;
      return memory.brokenConnections;
    },
    forget(side) {
      known.delete(side);
      retries.forget(side);
    },
  };
}
