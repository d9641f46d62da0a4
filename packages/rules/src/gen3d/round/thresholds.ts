import { type Config, RULES_DEFAULTS, type Rules, type Thresholds } from '@tiltyard/schema/gen3d';

/** Share of the prompts that may mismatch, where config.json names no number. */
const MISMATCH_SHARE = 0.05;

/**
 * Every threshold of a round: its rules.json where it has one, else what config.json says over the running competition's
 * constants. Fields that came into the format later, and that an older rules.json lacks, have their defaults.
 *
 * The second is also what a round manager freezes into the next rules.json, after naming software, renderer and judges.
 *
 * @see docs/rules.md#thresholds
 */
export function thresholdsOf(config: Config, rules?: Rules): Thresholds {
  if (rules !== undefined) {
    return {
      ...rules,
      limits: overlay(RULES_DEFAULTS.limits, rules.limits),
      generation: overlay(RULES_DEFAULTS.generation, rules.generation),
    };
  }
  const max_mismatched_prompts = Math.floor(MISMATCH_SHARE * config.prompts_per_round);
  return {
    ...RULES_DEFAULTS,
    tournament: overlay({ ...RULES_DEFAULTS.tournament, win_margin: config.win_margin }, config.tournament),
    limits: overlay(RULES_DEFAULTS.limits, config.limits),
    generation: overlay(RULES_DEFAULTS.generation, config.generation),
    verification: overlay({ ...RULES_DEFAULTS.verification, max_mismatched_prompts }, config.verification),
    judging: overlay(RULES_DEFAULTS.judging, config.judging),
  };
}

/** The defaults, with every field replaced that the other object sets. */
function overlay<T extends object>(defaults: T, set: { readonly [K in keyof T]?: T[K] | undefined } | undefined): T {
  const fields = Object.entries(set ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(fields) as Partial<T>) };
}
