import { z } from 'zod';
import { openObject } from '../../open-object.js';
import { Seconds } from '../../scalars.js';

/** A bound in time that a timer can keep: more than nothing, at most a week. */
const TimeLimit = Seconds.positive().max(604_800);

/** Margins that decide matches. */
export const TournamentRules = openObject({
  win_margin: z.number().min(0).max(1).describe('the least margin that wins a match'),
  max_mismatched_margin: z
    .number()
    .min(0)
    .max(1)
    .describe('with a margin of this plus win_margin or more, no prompt is critical'),
  require_source_audit: z.boolean().describe("whether a leader's source must pass a person's audit"),
});

/**
 * What a submitted file may be (bytes, half-extent of the allowed cube, counts; `null` is no limit) and what it may cost.
 * What rules.json does not name, as those of earlier versions do not, is as in {@link RULES_DEFAULTS}.
 */
export const LimitRules = openObject({
  max_glb_bytes: z.int().min(1).describe('largest GLB file'),
  bounds: z.number().positive().describe('half of the edge of the cube that a model must lie in'),
  max_meshes: z.int().min(1).nullable().describe('most meshes; null: any number'),
  max_triangles: z.int().min(1).describe('most triangles'),
  max_image_pixels: z.int().min(1).describe('most pixels of one texture'),
  max_image_side: z.int().min(1).describe("most pixels of a texture's longer side; absent: 16384").optional(),
  miner_seconds: TimeLimit.describe(
    'all files of one miner, downloading and drawing; what is left then is out_of_time',
  ).optional(),
  miner_draw_seconds: TimeLimit.describe('drawing alone, of all files of one miner').optional(),
  download_seconds: TimeLimit.describe('downloading one file').optional(),
  min_bytes_per_second: z.int().min(0).describe('a slower download is given up as too_slow; 0: none is').optional(),
  speed_window_seconds: TimeLimit.describe('what the speed is a mean over').optional(),
  render_seconds: TimeLimit.describe('drawing one file').optional(),
});

/** How generation is re-run and timed. Seconds are wall-clock seconds of one request. */
export const GenerationRules = openObject({
  median_limit_seconds: Seconds.describe('the trimmed median of generation times must not exceed this'),
  hard_limit_seconds: Seconds.describe('one generation that takes longer is a failure'),
  rolling_median_limit_seconds: Seconds.describe('a pod whose recent median exceeds this is bad'),
  median_trim: z
    .int()
    .min(0)
    .describe('times cut from each end before the median, where there are more than twice as many'),
  max_attempts: z.int().min(1).describe('attempts a prompt'),
  overtime_tolerance_ratio: z
    .number()
    .min(0)
    .max(1)
    .describe('share of prompts that may exceed the hard limit without losing their duels'),
  pods_initial: z.int().min(1).describe('pods started first'),
  pods_per_miner: z.int().min(1).describe('most pods at a time'),
  pod_starts_per_miner: z.int().min(1).describe('most pods started'),
  miners_at_once: z.int().min(1).describe('audits that run at a time'),
  pod_healthy_minutes: TimeLimit.max(10_000)
    .describe("from a pod's address until its /health must answer 200; later, its container is at fault")
    .optional(),
  max_broken_connections: z
    .int()
    .min(0)
    .describe("connections that a side's healthy pods may break before it counts; absent: any number")
    .optional(),
});

/** How a re-run is compared with what was submitted. `embedder` names the model that measures distances. */
export const VerificationRules = openObject({
  mode: z.enum(['distance']).describe('how a re-run is compared'),
  embedder: z
    .string()
    .min(1)
    .max(200)
    .describe('the model that measures distances, with its weights and preprocessing'),
  acceptable_distance: z.number().min(0).max(2).describe('a greater distance is a mismatch'),
  max_mismatched_prompts: z.int().min(0).describe('most mismatches that pass, critical ones aside'),
  max_mismatched_critical_prompts: z.int().min(0).describe('most critical mismatches that pass'),
});

/** Which views are rendered, how they are lit, and by what. */
export const RenderingRules = openObject({
  views: z.string().min(1).max(100).describe('set of views that are rendered'),
  lighting: z.string().min(1).max(100).describe('how they are lit'),
  renderer: z.string().min(1).max(500).describe('what renders them'),
});

/** Who judges, and when a duel is a draw. */
export const JudgingRules = openObject({
  strategy: z.enum(['pairwise', 'multi-stage']).describe('how duels are judged'),
  judges: z
    .array(openObject({ model: z.string().min(1).max(200).describe('name of the model') }))
    .min(1)
    .describe('who judges'),
  draw_threshold: z.number().min(0).max(10).describe('a difference of penalties up to this is a draw'),
  temperature: z.number().min(0).max(2).describe("the judges' temperature"),
  gate: z.enum(['margin']).describe('what decides whether a match is won'),
});

/** The software that will apply the rules. */
export const SoftwareRules = openObject({
  name: z.string().min(1).max(100).describe('name of the software'),
  version: z.string().min(1).max(100).describe('its version'),
  commit: z.string().max(100).describe('commit that it was built from'),
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

/** Rules in which nothing is left open that has a default: what a round is decided by. */
export interface Thresholds extends Rules {
  readonly limits: Complete<Rules['limits']>;
  readonly generation: Rules['generation'] & Complete<Pick<Rules['generation'], 'pod_healthy_minutes'>>;
}
type Complete<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

/**
 * Thresholds of a round that has no rules.json: those of the running competition.
 *
 * `win_margin` and `max_mismatched_prompts` follow from config.json there (see `thresholdsOf` in rules).
 */
export const RULES_DEFAULTS: Thresholds = {
  software: { name: 'tiltyard', version: '0.1.0', commit: '' },
  tournament: { win_margin: 0.05, max_mismatched_margin: 0.05, require_source_audit: true },
  limits: {
    max_glb_bytes: 209_715_200,
    bounds: 0.6,
    max_meshes: null,
    max_triangles: 2_000_000,
    max_image_pixels: 16_777_216,
    // What every driver takes: an image that one operator could draw and another could not would be a verdict by driver.
    max_image_side: 16_384,
    miner_seconds: 14_400,
    miner_draw_seconds: 3_600,
    download_seconds: 300,
    min_bytes_per_second: 1024,
    speed_window_seconds: 60,
    render_seconds: 120,
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
    pod_healthy_minutes: 60,
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
