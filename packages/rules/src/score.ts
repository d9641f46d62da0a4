import type { Duel, DuelWinner } from '@tiltyard/schema';

/** A match's result: right wins less left wins, and the same as a share of all duels, skipped ones included. */
export interface Score {
  readonly score: number;
  readonly margin: number;
}

/**
 * The score and margin that follow from a match's duels. Positive: the right side, the challenger, won. 0 without duels.
 *
 * @see competition.md, section 2
 */
export function scoreOf(duels: readonly Pick<Duel, 'winner'>[]): Score {
  const wins = (side: DuelWinner) => duels.filter((duel) => duel.winner === side).length;
  const score = wins('right') - wins('left');
  return { score, margin: duels.length === 0 ? 0 : score / duels.length };
}
