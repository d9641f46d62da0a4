import { z } from 'zod';
import { openObject } from '../open-object.js';
import { Seconds } from './scalars.js';

/** Margins that decide matches. */
export const TournamentRules = openObject({
  win_margin: z.number().min(0).max(1),
  max_mismatched_margin: z.number().min(0).max(1),
  require_source_audit: z.boolean(),
});

/** What a submitted file may be: bytes, half-extent of the allowed cube, and counts. `null` is no limit. */
export const LimitRules = openObject({
  max_glb_bytes: z.int().min(1),
  bounds: z.number().positive(),
  max_meshes: z.int().min(1).nullable(),
  max_triangles: z.int().min(1),
  max_image_pixels: z.int().min(1),
});

/** How generation is re-run and timed. Seconds are wall-clock seconds of one request. */
export const GenerationRules = openObject({
  median_limit_seconds: Seconds,
  hard_limit_seconds: Seconds,
  rolling_median_limit_seconds: Seconds,
  median_trim: z.int().min(0),
  max_attempts: z.int().min(1),
  overtime_tolerance_ratio: z.number().min(0).max(1),
  pods_initial: z.int().min(1),
  pods_per_miner: z.int().min(1),
  pod_starts_per_miner: z.int().min(1),
  miners_at_once: z.int().min(1),
});

/** How a re-run is compared with what was submitted. `embedder` names the model that measures distances. */
export const VerificationRules = openObject({
  mode: z.enum(['distance']),
  embedder: z.string().min(1).max(200),
  acceptable_distance: z.number().min(0).max(2),
  max_mismatched_prompts: z.int().min(0),
  max_mismatched_critical_prompts: z.int().min(0),
});

/** Which views are rendered, how they are lit, and by what. */
export const RenderingRules = openObject({
  views: z.string().min(1).max(100),
  lighting: z.string().min(1).max(100),
  renderer: z.string().min(1).max(500),
});

/** Who judges, and when a duel is a draw. */
export const JudgingRules = openObject({
  strategy: z.enum(['pairwise', 'multi-stage']),
  judges: z.array(openObject({ model: z.string().min(1).max(200) })).min(1),
  draw_threshold: z.number().min(0).max(10),
  temperature: z.number().min(0).max(2),
  gate: z.enum(['margin']),
});

/** The software that will apply the rules. */
export const SoftwareRules = openObject({
  name: z.string().min(1).max(100),
  version: z.string().min(1).max(100),
  commit: z.string().max(100),
});

/** Every threshold of one round, frozen when the round is scheduled. Nothing that decides is read from elsewhere. */
export const Rules = openObject({
  software: SoftwareRules,
  tournament: TournamentRules,
  limits: LimitRules,
  generation: GenerationRules,
  verification: VerificationRules,
  rendering: RenderingRules,
  judging: JudgingRules,
});
export type Rules = z.infer<typeof Rules>;

/**
 * Thresholds of a round that has no rules.json: those of the running competition.
 *
 * `win_margin` and `max_mismatched_prompts` follow from config.json there (see `thresholdsOf` in rules).
 */
export const RULES_DEFAULTS: Rules = {
  software: { name: 'tiltyard', version: '0.1.0', commit: '' },
  tournament: { win_margin: 0.05, max_mismatched_margin: 0.05, require_source_audit: true },
  limits: {
    max_glb_bytes: 209_715_200,
    bounds: 0.6,
    max_meshes: null,
    max_triangles: 2_000_000,
    max_image_pixels: 16_777_216,
  },
  generation: {
    median_limit_seconds: 90,
    hard_limit_seconds: 180,
    rolling_median_limit_seconds: 120,
    median_trim: 6,
    max_attempts: 3,
    overtime_tolerance_ratio: 0.05,
    pods_initial: 2,
    pods_per_miner: 4,
    pod_starts_per_miner: 6,
    miners_at_once: 4,
  },
  verification: {
    mode: 'distance',
    embedder: 'dinov3-vits16',
    acceptable_distance: 0.1,
    max_mismatched_prompts: 6,
    max_mismatched_critical_prompts: 1,
  },
  rendering: { views: 'reference-grid@1', lighting: 'studio@1', renderer: 'unknown' },
  judging: {
    strategy: 'pairwise',
    judges: [{ model: 'unknown' }],
    draw_threshold: 1,
    temperature: 0,
    gate: 'margin',
  },
};
