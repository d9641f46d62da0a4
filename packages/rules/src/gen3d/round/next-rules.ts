import type { Config, Rules, Thresholds } from '@tiltyard/schema/gen3d';
import { thresholdsOf } from './thresholds.js';

/**
 * The rules.json that is frozen with the next round's schedule.
 *
 * Thresholds are config.json's over the running competition's constants. What config.json does not name is carried on
 * from the round before: how files are rendered, by what their distance is measured, and who judges.
 *
 * @param previous - The round's thresholds that ends.
 * @param software - Who will apply them.
 * @see docs/rules.md#thresholds
 */
export function nextRules(config: Config, previous: Rules, software: Rules['software']): Thresholds {
  const fresh = thresholdsOf(config);
  return {
    software,
    tournament: fresh.tournament,
    limits: fresh.limits,
    generation: fresh.generation,
    verification: {
      ...fresh.verification,
      embedder: config.verification?.embedder ?? previous.verification.embedder,
      acceptable_distance: config.verification?.acceptable_distance ?? previous.verification.acceptable_distance,
    },
    rendering: previous.rendering,
    judging: { ...fresh.judging, judges: config.judging?.judges ?? previous.judging.judges },
  };
}
