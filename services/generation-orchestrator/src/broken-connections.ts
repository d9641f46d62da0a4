import type { Side } from '@tiltyard/schema';

/** Stands in the reason of a pod that was given up for it, in pod_stats.json as well. */
export const HEALTHY_AFTER_BREAK = 'it answered /health right after';

/**
 * How often each side's containers broke a connection in this round and were healthy right after. Kept for the round and not for
 * a run, since such a run is stranded and started again; a restart forgets it, in the miner's favour.
 */
export interface BrokenConnections {
  /** Counts one more, and gives the number. */
  add(side: Side): number;
  forget(side: Side): void;
  clear(): void;
}

/** Opens an empty book. */
export function openBrokenConnections(): BrokenConnections {
  const counts = new Map<Side, number>();
  return {
    add(side) {
      const count = (counts.get(side) ?? 0) + 1;
      counts.set(side, count);
      return count;
    },
    forget: (side) => void counts.delete(side),
    clear: () => counts.clear(),
  };
}
