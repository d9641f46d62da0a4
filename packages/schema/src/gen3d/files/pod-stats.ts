import { z } from 'zod';
import { openObject } from '../../open-object.js';
import { Seconds } from '../../scalars.js';

/** How one pod did. Nothing decides from it. */
export const PodStat = openObject({
  processed: z.int().min(0).describe('requests ended'),
  successful: z.int().min(0).describe('files made'),
  hard_failed: z.int().min(0).describe('failures'),
  hard_overtime: z.int().min(0).describe('requests beyond the hard limit'),
  time_min: Seconds.nullable().describe('seconds'),
  time_max: Seconds.nullable().describe('seconds'),
  time_avg: Seconds.nullable().describe('seconds'),
  time_median: Seconds.nullable().describe('seconds'),
  marked_bad: z.boolean().describe('whether it was given up as bad'),
  retry_cumulative_delta: z.number().describe('seconds won by retries, summed'),
  retry_delta_count: z.int().min(0).describe('retries that were compared'),
  termination_reason: z.string().max(500).nullable().describe('why it was stopped'),
});
export type PodStat = z.infer<typeof PodStat>;

/** pod_stats.json: pod id → statistics. */
export const PodStats = z.record(z.string().max(200), PodStat);
export type PodStats = Readonly<Record<string, PodStat>>;
