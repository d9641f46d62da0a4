import { type Stem, stemOf } from '@tiltyard/schema/gen3d';
import { Twister } from '../../random/twister.js';

/** What a round's prompts are drawn from. Lines are lines of prompts.txt. */
export interface PromptDraw {
  readonly seed: number;
  readonly round: number;
  /** Prompts of the last round that has any; empty when there is none. */
  readonly previous: readonly string[];
  /** The global prompts.txt. */
  readonly pool: readonly string[];
  readonly promptsPerRound: number;
  readonly carryoverPrompts: number;
}

/** A round's prompts, in order. `poolExhausted`: the pool had too few different prompts, so there are fewer than asked for. */
export interface DrawnPrompts {
  readonly prompts: readonly string[];
  readonly poolExhausted: boolean;
}

/**
 * The prompts that a round takes over from the one before, in the order drawn: the first draw from the round's seed.
 *
 * Apart from {@link drawPrompts} because an auditor without the pool can still check it.
 *
 * @param twister - Freshly seeded with the round's seed; advanced by the draw.
 * @see docs/rules.md#prompts
 */
export function drawCarryover(
  twister: Twister,
  { round, previous, carryoverPrompts }: Pick<PromptDraw, 'round' | 'previous' | 'carryoverPrompts'>,
): readonly string[] {
  if (round === 0 || carryoverPrompts === 0) return [];
  return sampleOrWhole(twister, previous, carryoverPrompts);
}

/**
 * Draws a round's prompts: those carried over, then fresh ones from the pool.
 *
 * Where a prompt repeats, by stem since files are named by it, the repeat is dropped and single prompts are drawn from
 * the same generator until there are enough or the pool holds no other.
 *
 * @see docs/rules.md#prompts
 */
export function drawPrompts(draw: PromptDraw): DrawnPrompts {
  const twister = new Twister(draw.seed);
  const carried = drawCarryover(twister, draw);
  const fresh = sampleOrWhole(twister, draw.pool, Math.max(0, draw.promptsPerRound - carried.length));

  const prompts = new Map<Stem, string>();
  const take = (line: string) => {
    const stem = stemOf(line);
    if (!prompts.has(stem)) prompts.set(stem, line);
  };
  for (const line of [...carried, ...fresh]) take(line);

  const untaken = new Set<Stem>();
  if (prompts.size < draw.promptsPerRound) for (const line of draw.pool) untaken.add(stemOf(line));
  for (const stem of prompts.keys()) untaken.delete(stem);
  while (prompts.size < draw.promptsPerRound && untaken.size > 0) {
    const line = draw.pool[twister.randbelow(draw.pool.length)] as string;
    untaken.delete(stemOf(line));
    take(line);
  }
  return { prompts: [...prompts.values()], poolExhausted: prompts.size < draw.promptsPerRound };
}

/** A population no larger than the draw is taken whole, in order, and nothing is drawn. */
function sampleOrWhole(twister: Twister, population: readonly string[], count: number): readonly string[] {
  return population.length <= count ? population : twister.sample(population, count);
}
