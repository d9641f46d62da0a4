import type { DuelOutcome } from '../pairwise.js';

/** What the judge said about one view from the side, seen next to the front. */
export type SideView = 'ok' | 'garbage';

/** How many views must be garbage for a side to be flagged. */
export const GARBAGE_VIEWS = 3;

/** Stage 4's outcome, and which sides it flagged. */
export interface SideGuardVerdict {
  readonly winner: DuelOutcome;
  readonly leftFlagged: boolean;
  readonly rightFlagged: boolean;
}

/**
 * Stage 4: a model that is only a front steps down by one: a winner draws, and a drawing side loses. When both or neither are
 * flagged, nothing changes.
 *
 * @param winner - What the stages before decided.
 * @param left - Verdicts on the right, back, left and top views of the left side; `right` likewise.
 * @see docs/rules.md#multi-stage-judging
 */
export function sideGuardVerdict(
  winner: DuelOutcome,
  left: readonly SideView[],
  right: readonly SideView[],
  garbageViews: number = GARBAGE_VIEWS,
): SideGuardVerdict {
  const isFlagged = (views: readonly SideView[]) => views.filter((view) => view === 'garbage').length >= garbageViews;
  const leftFlagged = isFlagged(left);
  const rightFlagged = isFlagged(right);
  if (leftFlagged === rightFlagged) return { winner, leftFlagged, rightFlagged };
  return { winner: stepDown(winner, leftFlagged ? 'left' : 'right'), leftFlagged, rightFlagged };
}

function stepDown(winner: DuelOutcome, flagged: 'left' | 'right'): DuelOutcome {
  if (winner === flagged) return 'draw';
  return flagged === 'left' ? 'right' : 'left';
}
