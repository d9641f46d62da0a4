import type { PodName, PodProvider } from '@tiltyard/pods';
import type { Logger } from '@tiltyard/service-kit';

/** Deletes pods that no run owns: an unused GPU still costs money. */
export interface PodSweep {
  /** Names of pods that runs of this process own, from before they are ordered until they are deleted. */
  readonly owned: Set<PodName>;
  /**
   * Deletes every pod of this round and of earlier ones that is not owned. Does so at the first call, and again once the
   * interval has passed; in between it returns at once. What fails is logged and tried again at the next call.
   */
  sweepIfDue(round: number): Promise<void>;
}

export interface PodSweepOptions {
  readonly providers: readonly PodProvider[];
  readonly intervalMs: number;
  readonly log: Logger;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

const PREFIX = 'miner-';

/**
 * Opens a sweep. Whatever a predecessor of this process left running is found by its name, which only rounds of one
 * competition share: two competitions must not use one provider's account or namespace.
 *
 * @see docs/rules.md#pods
 */
export function openPodSweep({ providers, intervalMs, log, now = () => performance.now() }: PodSweepOptions): PodSweep {
  const owned = new Set<PodName>();
  let dueAt = Number.NEGATIVE_INFINITY;

  async function sweep(provider: PodProvider, round: number): Promise<boolean> {
    try {
      const pods = await provider.list(PREFIX);
      const stray = pods.filter(({ name }) => roundOf(name) <= round && !owned.has(name));
      const deleted = await Promise.allSettled(stray.map(({ name }) => provider.delete(name)));
      const names = stray.map(({ name }) => name);
      if (names.length > 0) log.warn({ provider: provider.kind, names }, 'stray pods were deleted');
      const failure = deleted.find((result) => result.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
      return true;
    } catch (error) {
      log.error({ provider: provider.kind, error }, 'stray pods could not be deleted; trying again at the next look');
      return false;
    }
  }

  return {
    owned,
    async sweepIfDue(round) {
      if (now() < dueAt) return;
      const swept = await Promise.all(providers.map((provider) => sweep(provider, round)));
      if (swept.every(Boolean)) dueAt = now() + intervalMs;
    },
  };
}

/** The round in a pod's name; of a name that is none of ours, one that never comes. */
function roundOf(name: PodName): number {
  const digits = /^miner-(\d{2,})-/.exec(name)?.[1];
  return digits === undefined ? Number.POSITIVE_INFINITY : Number(digits);
}
