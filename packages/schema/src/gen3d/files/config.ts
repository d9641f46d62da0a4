import { z } from 'zod';
import { openObject } from '../../open-object.js';
import { Day } from '../../scalars.js';
import { GenerationRules, JudgingRules, LimitRules, TournamentRules, VerificationRules } from './rules.js';

/** The version of the formats that this software writes. Absent in a file means 1. */
export const FORMAT_VERSION = 1;

/**
 * What the operator fixes before the competition starts. Dates are days in UTC.
 *
 * The last group is Tiltyard's own and optional: thresholds that are copied into every round's rules.json.
 */
export const Config = openObject({
  format_version: z.literal(FORMAT_VERSION).describe('version of the formats; absent means 1').optional(),
  name: z
    .string()
    // Its slug becomes part of image tags.
    .regex(
      /^[A-Za-z0-9](?:[A-Za-z0-9_. -]{0,62}[A-Za-z0-9_.-])?$/,
      'is not a short title of letters, digits, dots, hyphens, underscores and blanks',
    )
    .describe('title of the competition; rounds are named by its slug, lower case with hyphens for blanks'),
  description: z.string().max(2000).describe('a sentence for people'),
  first_evaluation_date: Day.describe('no round starts before this day (UTC)'),
  last_competition_date: Day.describe('no round starts after this day (UTC)'),
  round_start_time: z.iso.time().describe('time of day (UTC) at which reveals end and a round starts'),
  generation_stage_minutes: z.int().min(1).max(100_000).describe('length of miner_generation'),
  finalization_buffer_hours: z
    .number()
    .min(0)
    .max(1000)
    .default(1)
    .describe('a round starts a day later when fewer hours than these remain'),
  win_margin: z.number().min(0).max(1).describe('the least margin that wins a match'),
  weight_decay: z.number().min(0).max(1).describe("what a defending leader's weight loses each round"),
  weight_floor: z.number().min(0).max(1).describe('what it never falls below'),
  prompts_per_round: z.int().min(1).max(10_000).describe('number of prompts'),
  carryover_prompts: z.int().min(0).max(10_000).describe("how many of them are the previous round's"),
  round_duration_days: z.int().min(1).max(1000).default(1).describe('days from one start to the next'),

  netuid: z.int().min(0).max(65_535).describe('the subnet').optional(),
  network: z.string().max(100).describe('the chain, by name or address').optional(),
  genesis_hash: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/)
    .describe('the chain, by the hash of its first block')
    .optional(),
  chain: openObject({
    min_witnesses: z
      .int()
      .min(1)
      .max(16)
      .describe("endpoints' hosts that must agree on a seed's block; by default 2 where two are configured, else 1")
      .optional(),
  })
    .describe('how the chain is read')
    .optional(),
  tournament: TournamentRules.partial().describe('overrides of rules.json').optional(),
  limits: LimitRules.partial().describe('overrides of rules.json').optional(),
  generation: GenerationRules.partial().describe('overrides of rules.json').optional(),
  verification: VerificationRules.partial().describe('overrides of rules.json').optional(),
  judging: JudgingRules.partial().describe('overrides of rules.json').optional(),
});
export type Config = z.infer<typeof Config>;
