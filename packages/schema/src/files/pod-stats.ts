import { z } from 'zod';
import { openObject } from '../open-object.js';
import { Seconds } from './scalars.js';

/** How one pod did. Nothing decides from it. */
export const PodStat = openObject({
  processed: z.int().min(0),
  successful: z.int().min(0),
  hard_failed: z.int().min(0),
  hard_overtime: z.int().min(0),
  time_min: Seconds.nullable(),
  time_max: Seconds.nullable(),
  time_avg: Seconds.nullable(),
  time_median: Seconds.nullable(),
  marked_bad: z.boolean(),
  retry_cumulative_delta: z.number(),
  retry_delta_count: z.int().min(0),
  termination_reason: z.string().max(500).nullable(),
});
export type PodStat = z.infer<typeof PodStat>;

/** pod_stats.json: pod id → statistics. */
export const PodStats = z.record(z.string().max(200), PodStat);
export type PodStats = Readonly<Record<string, PodStat>>;
