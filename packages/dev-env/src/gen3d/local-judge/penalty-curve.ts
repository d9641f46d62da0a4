/**
 * The distance at which a penalty of 6.3 is given. Calibrated on the sample miners' renders: with prompts 6° beside a
 * grid's view, good files are 0.01-0.1 away, mediocre ones 0.06-0.3, other objects 0.35 and more.
 */
const SCALE = 0.17;

/**
 * A judge's penalty for a picture at some distance from the prompt: 0 is perfect, 10 another object.
 *
 * Strictly rising, and steepest between good and very good work.
 *
 * @param distance - Of descriptor-v1, in [0, 2].
 * @returns In [0, 10], with two decimals.
 */
export function penaltyOf(distance: number): number {
  return Math.round(1000 * (1 - Math.exp(-distance / SCALE))) / 100;
}
