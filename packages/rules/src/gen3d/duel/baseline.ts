import { type Generations, isUsable, type Stem } from '@tiltyard/schema/gen3d';

/**
 * Whether the leader's files for a round are complete, so that challengers can play it: every prompt has a usable result or
 * has used its attempts.
 *
 * @see docs/rules.md#leader-baseline
 */
export function isBaselineComplete(prompts: readonly Stem[], generated: Generations, maxAttempts: number): boolean {
  return prompts.every((stem) => {
    const result = generated[stem];
    return result !== undefined && (isUsable(result) || result.attempts >= maxAttempts);
  });
}
