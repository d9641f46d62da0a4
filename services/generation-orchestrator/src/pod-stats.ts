import { median } from '@tiltyard/rules';
import { podHealth, retryBalance } from '@tiltyard/rules/gen3d';
import type { PodStat, PodStats, Rules } from '@tiltyard/schema/gen3d';
import type { FleetPod } from './fleet.js';

/** pod_stats.json of a run. */
export function podStatsOf(pods: readonly FleetPod[], generation: Rules['generation']): PodStats {
  return Object.fromEntries(pods.map((pod) => [pod.name, statOf(pod, generation)]));
}

function statOf({ history, stage, reason }: FleetPod, generation: Rules['generation']): PodStat {
  const successes = history.filter((outcome) => outcome.success);
  const times = successes.map((outcome) => outcome.seconds);
  const retries = retryBalance(history, generation);
  return {
    processed: history.length,
    successful: successes.length,
    hard_failed: history.length - successes.length,
    hard_overtime: times.filter((seconds) => seconds >= generation.hard_limit_seconds).length,
    time_min: times.length === 0 ? null : Math.min(...times),
    time_max: times.length === 0 ? null : Math.max(...times),
    time_avg: times.length === 0 ? null : times.reduce((sum, seconds) => sum + seconds, 0) / times.length,
    time_median: median(times) ?? null,
    marked_bad: stage === 'bad' || podHealth(history, generation).bad,
    retry_cumulative_delta: retries.deltaSeconds,
    retry_delta_count: retries.count,
    termination_reason: reason,
  };
}
