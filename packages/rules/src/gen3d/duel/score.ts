import type { Duel, DuelWinner } from '@tiltyard/schema/gen3d';

/** A match's result: right wins less left wins, and the same as a share of all duels, skipped ones included. */
export interface Score {
  readonly score: number;
  readonly margin: number;
}

/** Between which margins a match may truly lie, when some of its duels are in doubt. */
export interface MarginRange {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The score and margin that follow from a match's duels. Positive: the right side, the challenger, won. 0 without duels.
 *
 * @see docs/rules.md#score-and-margin
 */
export function scoreOf(duels: readonly Pick<Duel, 'winner'>[]): Score {
  const wins = (side: DuelWinner) => duels.filter((duel) => duel.winner === side).length;
  const score = wins('right') - wins('left');
  return { score, margin: duels.length === 0 ? 0 : score / duels.length };
}

/**
 * The margins that a match could have had, if each duel in doubt had gone either way.
 *
 * A match in doubt may stand on the wrong side of the win margin when the margin lies above `lower` and not above `upper`.
 *
 * @param isInDoubt - True for a duel whose outcome is not the judge's, such as one that the reference wrote off as a draw
 * when its endpoint failed.
 * @see docs/auditing.md#the-rules, R2e
 */
export function marginRange<D extends Pick<Duel, 'winner'>>(
  duels: readonly D[],
  isInDoubt: (duel: D) => boolean,
): MarginRange {
  const asIf = (winner: DuelWinner) => scoreOf(duels.map((duel) => (isInDoubt(duel) ? { winner } : duel))).margin;
  return { lower: asIf('left'), upper: asIf('right') };
}
