import { z } from 'zod';
import { openObject } from '../open-object.js';
import { GenerationRules, JudgingRules, LimitRules, TournamentRules, VerificationRules } from './rules.js';
import { Day } from './scalars.js';

/** The version of the formats that this software writes. Absent in a file means 1. */
export const FORMAT_VERSION = 1;

/**
 * What the operator fixes before the competition starts. Dates are days in UTC.
 *
 * The last group is Tiltyard's own and optional: thresholds that are copied into every round's rules.json.
 */
export const Config = openObject({
  format_version: z.literal(FORMAT_VERSION).optional(),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/i, 'is not a short name of letters, digits and hyphens'),
  description: z.string().max(2000),
  first_evaluation_date: Day,
  last_competition_date: Day,
  round_start_time: z.iso.time(),
  generation_stage_minutes: z.int().min(1).max(100_000),
  finalization_buffer_hours: z.number().min(0).max(1000).default(1),
  win_margin: z.number().min(0).max(1),
  weight_decay: z.number().min(0).max(1),
  weight_floor: z.number().min(0).max(1),
  prompts_per_round: z.int().min(1).max(10_000),
  carryover_prompts: z.int().min(0).max(10_000),
  round_duration_days: z.int().min(1).max(1000).default(1),

  netuid: z.int().min(0).max(65_535).optional(),
  network: z.string().max(100).optional(),
  genesis_hash: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/)
    .optional(),
  tournament: TournamentRules.partial().optional(),
  limits: LimitRules.partial().optional(),
  generation: GenerationRules.partial().optional(),
  verification: VerificationRules.partial().optional(),
  judging: JudgingRules.partial().optional(),
});
export type Config = z.infer<typeof Config>;
