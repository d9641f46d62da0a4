import type { Rules } from '@tiltyard/schema/gen3d';
import { median } from '../../statistics/trimmed-median.js';

/** What one pod made of one prompt. */
export interface PodOutcome {
  /** False when there is no usable file: the container failed. */
  readonly success: boolean;
  /** From sending the request to the response headers; of no meaning for a failure. */
  readonly seconds: number;
  /** For a retry, the prompt's time before it, failures counted as the hard limit (`effectiveSeconds`); undefined when fresh. */
  readonly secondsBefore: number | undefined;
}

/** How many prompts it takes to judge a pod. */
export interface PodHealthOptions {
  /** Prompts before a pod is judged at all. */
  readonly minPrompts?: number;
  /** Failures and hard overtimes, together, that make it bad. */
  readonly badOutcomes?: number;
  /** Fresh times that the rolling median is taken over; an even number. */
  readonly window?: number;
  /** Retries before they may be refused. */
  readonly minRetries?: number;
}

export const POD_HEALTH_DEFAULTS: Required<PodHealthOptions> = {
  minPrompts: 8,
  badOutcomes: 8,
  window: 8,
  minRetries: 3,
};

/** Whether a pod may go on, and why not. */
export type PodHealth =
  | { readonly bad: false }
  | { readonly bad: true; readonly because: 'failures'; readonly failures: number; readonly hardOvertimes: number }
  | { readonly bad: true; readonly because: 'slow'; readonly rollingMedianSeconds: number };

/**
 * Judges a pod after its first prompts: bad when it fails or overruns the hard limit too often, or when its rolling median is
 * over the limit and not falling, as it does while a model warms up.
 *
 * @param history - In the order in which the pod finished its prompts.
 * @see docs/rules.md#pods
 */
export function podHealth(
  history: readonly PodOutcome[],
  generation: Rules['generation'],
  options: PodHealthOptions = {},
): PodHealth {
  const { minPrompts, badOutcomes, window } = { ...POD_HEALTH_DEFAULTS, ...options };
  if (history.length < minPrompts) return { bad: false };

  const failures = history.filter((outcome) => !outcome.success).length;
  const hardOvertimes = history.filter((outcome) => isHardOvertime(outcome, generation)).length;
  if (failures + hardOvertimes >= badOutcomes) return { bad: true, because: 'failures', failures, hardOvertimes };

  const fresh = history.filter((outcome) => outcome.secondsBefore === undefined && outcome.success);
  const times = fresh.map((outcome) => outcome.seconds).slice(-window);
  if (times.length < window) return { bad: false };
  const rolling = median(times) ?? 0;
  const isFalling = (median(times.slice(window / 2)) ?? 0) < (median(times.slice(0, window / 2)) ?? 0);
  const isSlow = rolling > generation.rolling_median_limit_seconds && !isFalling;
  return isSlow ? { bad: true, because: 'slow', rollingMedianSeconds: rolling } : { bad: false };
}

/**
 * True while a pod should still be given retries: until enough of them, taken together, made prompts no faster.
 *
 * @see docs/rules.md#pods
 */
export function acceptsRetries(
  history: readonly PodOutcome[],
  generation: Rules['generation'],
  options: PodHealthOptions = {},
): boolean {
  const { minRetries } = { ...POD_HEALTH_DEFAULTS, ...options };
  const { count, deltaSeconds } = retryBalance(history, generation);
  return count < minRetries || deltaSeconds < 0;
}

/** How many retries a pod made, and by how many seconds they changed their prompts' times; negative is a gain. */
export function retryBalance(
  history: readonly PodOutcome[],
  { hard_limit_seconds }: Pick<Rules['generation'], 'hard_limit_seconds'>,
): { readonly count: number; readonly deltaSeconds: number } {
  const deltas = history.flatMap(({ success, seconds, secondsBefore }) =>
    secondsBefore === undefined
      ? []
      : [(success ? Math.min(seconds, hard_limit_seconds) : hard_limit_seconds) - secondsBefore],
  );
  return { count: deltas.length, deltaSeconds: deltas.reduce((sum, delta) => sum + delta, 0) };
}

function isHardOvertime({ success, seconds }: PodOutcome, { hard_limit_seconds }: Rules['generation']): boolean {
  return success && seconds >= hard_limit_seconds;
}
