import type { Config } from '@tiltyard/schema/gen3d';
import { NETUID } from '../../network/chain.js';

const DAY_MS = 86_400_000;

/**
 * The audit's threshold for `descriptor-v1`, calibrated on real renders of the sample miners: a container that makes
 * again what it submitted stays below 0.00012, one that makes another quality is at 0.057 and above (see the rehearsal).
 */
const DESCRIPTOR_THRESHOLD = 0.01;

const MAX_GLB_BYTES = 32 * 1024 * 1024;

export interface LocalCompetition {
  readonly prompts: number;
  /** The chain's time at the start, milliseconds since 1970. */
  readonly nowMs: number;
  readonly genesisHash: string;
  readonly judgeModel: string;
}

/**
 * config.json of a competition on one machine: the production schedule in days and hours, which the dev chain's jumps
 * run through, and generation limits scaled down to seconds (2 for 90, 4 for 180).
 */
export function localConfig({ prompts, nowMs, genesisHash, judgeModel }: LocalCompetition): Config {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return {
    name: 'local',
    description: 'A whole competition on one machine, with sample miners and a judge that is not a VLM.',
    first_evaluation_date: day(nowMs + DAY_MS),
    last_competition_date: day(nowMs + 365 * DAY_MS),
    round_start_time: '08:00:00',
    generation_stage_minutes: 120,
    finalization_buffer_hours: 1,
    win_margin: 0.05,
    weight_decay: 0.2,
    weight_floor: 0.2,
    prompts_per_round: prompts,
    carryover_prompts: Math.floor(prompts / 4),
    round_duration_days: 1,
    netuid: NETUID,
    network: 'local',
    genesis_hash: genesisHash,
    tournament: { require_source_audit: false },
    // Sample files have a few hundred kilobytes; a hostile CDN's endless body should end soon, and so should its silence.
    limits: { max_glb_bytes: MAX_GLB_BYTES, download_seconds: 20 },
    generation: {
      median_limit_seconds: 2,
      hard_limit_seconds: 4,
      rolling_median_limit_seconds: 2.7,
      median_trim: 1,
      pods_initial: 1,
      pods_per_miner: 2,
      pod_starts_per_miner: 4,
      miners_at_once: 2,
      pod_healthy_minutes: 0.5,
    },
    verification: {
      mode: 'distance',
      embedder: 'descriptor-v1',
      acceptable_distance: DESCRIPTOR_THRESHOLD,
      max_mismatched_prompts: Math.max(1, Math.floor(prompts * 0.05)),
      max_mismatched_critical_prompts: 1,
    },
    judging: {
      strategy: 'pairwise',
      judges: [{ model: judgeModel }],
      draw_threshold: 1,
      temperature: 0,
      gate: 'margin',
    },
  };
}
