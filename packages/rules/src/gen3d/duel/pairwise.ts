import { RulesError } from '../../rules-error.js';

/** A duel's outcome between two sides. */
export type DuelOutcome = 'left' | 'right' | 'draw';

/** What the pairwise judge decided, and from what: mean penalties, 0 (perfect) to 10 (another object). */
export interface PairwiseVerdict {
  readonly winner: DuelOutcome;
  readonly leftPenalty: number;
  readonly rightPenalty: number;
}

/**
 * Decides a duel from the penalties that both sides got in both orders of presentation: a model's liking for the first or
 * the second image cancels out. A difference up to the threshold is a draw, else the lower penalty wins.
 *
 * @param leftPenalties - What the left side got in each call, and `rightPenalties` likewise: as many, at least one.
 * @throws {RulesError} `penalties_malformed`.
 * @see docs/rules.md#judging
 */
export function pairwiseVerdict(
  leftPenalties: readonly number[],
  rightPenalties: readonly number[],
  drawThreshold: number,
): PairwiseVerdict {
  const values = [...leftPenalties, ...rightPenalties];
  const isEven = leftPenalties.length === rightPenalties.length && leftPenalties.length > 0;
  if (!isEven || !values.every(Number.isFinite)) throw new RulesError({ code: 'penalties_malformed', values });
  const leftPenalty = mean(leftPenalties);
  const rightPenalty = mean(rightPenalties);
  return { winner: lowerPenaltyWins(leftPenalty, rightPenalty, drawThreshold), leftPenalty, rightPenalty };
}

/** The side with the lower penalty, or a draw when they differ by no more than the threshold. */
export function lowerPenaltyWins(leftPenalty: number, rightPenalty: number, drawThreshold: number): DuelOutcome {
  if (Math.abs(leftPenalty - rightPenalty) <= drawThreshold) return 'draw';
  return leftPenalty < rightPenalty ? 'left' : 'right';
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
