import type { Rules } from '@tiltyard/schema/gen3d';

/**
 * How far a pod of a miner came.
 *
 * - `starting`: ordered, not healthy yet. `healthy`: answers.
 * - `unhealthy`: reachable, but not healthy in time: the container's doing, and not replaced.
 * - `bad`: was healthy and was given up (`podHealth`): the container's doing, replaced.
 * - `lost`: never appeared, or vanished: the provider's doing, replaced.
 */
export type PodStage = 'starting' | 'healthy' | 'unhealthy' | 'bad' | 'lost';

/** How many pods to order, and what is left of those ordered. */
export interface PodPlan {
  readonly toStart: number;
  readonly live: number;
  readonly lost: number;
}

/**
 * How many more pods a miner's run gets: a few to start with, more once one of them has been healthy, and never more than so
 * many in all.
 *
 * @param pods - Every pod ever ordered for this run.
 * @see docs/rules.md#pods
 */
export function podsToStart(
  pods: readonly PodStage[],
  rules: Pick<Rules['generation'], 'pods_initial' | 'pods_per_miner' | 'pod_starts_per_miner'>,
): PodPlan {
  const count = (...stages: PodStage[]) => pods.filter((stage) => stages.includes(stage)).length;
  const live = count('starting', 'healthy');
  const wasHealthy = count('healthy', 'bad') > 0;
  const wanted = wasHealthy ? rules.pods_per_miner : rules.pods_initial;
  const free = wanted - live - count('unhealthy');
  const toStart = Math.max(0, Math.min(free, rules.pod_starts_per_miner - pods.length));
  return { toStart, live, lost: count('lost') };
}
