import type { DuelOutcome } from '../pairwise.js';
import { isContradictory, meanPenalties, type TwoOrders } from './two-orders.js';

/** What the judge said about one front view. */
export interface FrontView extends TwoOrders {
  readonly view: string;
  readonly weight: number;
}

/** When front views are a draw. */
export interface FrontViewOptions {
  /** A difference of the weighted means up to this is a draw. */
  readonly drawThreshold?: number;
  /** From this mean penalty on a side is hopeless. Two hopeless sides draw unless they are `hopelessGap` apart. */
  readonly hopelessPenalty?: number;
  readonly hopelessGap?: number;
  /** With at least so many views that favour a side, they must agree this much, 0 (half and half) to 1 (all). */
  readonly minSignedViews?: number;
  readonly minAgreement?: number;
}

export const FRONT_VIEW_DEFAULTS: Required<FrontViewOptions> = {
  drawThreshold: 0.7,
  hopelessPenalty: 8,
  hopelessGap: 1.5,
  minSignedViews: 3,
  minAgreement: 0.65,
};

/** Stage 1's outcome, why, and from what. Penalties and agreement are undefined when no view counted. */
export interface FrontViewVerdict {
  readonly winner: DuelOutcome;
  readonly because: 'clear' | 'no_consistent_view' | 'both_hopeless' | 'within_threshold' | 'split';
  readonly leftPenalty: number | undefined;
  readonly rightPenalty: number | undefined;
  readonly agreement: number | undefined;
  /** Views whose two orders named different winners; they do not count. */
  readonly contradictory: readonly string[];
}

/**
 * Stage 1: the front views, by weighted mean penalty. A draw hands the duel to the specialists.
 *
 * @see docs/rules.md#multi-stage-judging
 */
export function frontViewVerdict(views: readonly FrontView[], options: FrontViewOptions = {}): FrontViewVerdict {
  const { drawThreshold, hopelessPenalty, hopelessGap, minSignedViews, minAgreement } = {
    ...FRONT_VIEW_DEFAULTS,
    ...options,
  };
  const contradictory = views.filter(isContradictory).map(({ view }) => view);
  const counted = views.filter((view) => !isContradictory(view) && view.weight > 0);
  const weight = counted.reduce((sum, view) => sum + view.weight, 0);
  if (weight === 0) {
    const unknown = { leftPenalty: undefined, rightPenalty: undefined, agreement: undefined };
    return { winner: 'draw', because: 'no_consistent_view', ...unknown, contradictory };
  }

  const mean = (side: 'left' | 'right') =>
    counted.reduce((sum, view) => sum + view.weight * meanPenalties(view)[side], 0) / weight;
  const leftPenalty = mean('left');
  const rightPenalty = mean('right');
  const gap = Math.abs(leftPenalty - rightPenalty);
  const { signed, agreement } = agreementOf(counted);
  const verdict = (winner: DuelOutcome, because: FrontViewVerdict['because']) => ({
    winner,
    because,
    leftPenalty,
    rightPenalty,
    agreement,
    contradictory,
  });
  if (Math.min(leftPenalty, rightPenalty) >= hopelessPenalty && gap < hopelessGap)
    return verdict('draw', 'both_hopeless');
  if (gap <= drawThreshold) return verdict('draw', 'within_threshold');
  if (signed >= minSignedViews && agreement < minAgreement) return verdict('draw', 'split');
  return verdict(leftPenalty < rightPenalty ? 'left' : 'right', 'clear');
}

/** How many views favour a side, and by how much of their weight one side leads: 1 when there are none. */
function agreementOf(views: readonly FrontView[]): { readonly signed: number; readonly agreement: number } {
  const signed = views.map((view) => {
    const { left, right } = meanPenalties(view);
    return Math.sign(right - left) * view.weight;
  });
  const total = signed.reduce((sum, weight) => sum + Math.abs(weight), 0);
  const balance = signed.reduce((sum, weight) => sum + weight, 0);
  return {
    signed: signed.filter((weight) => weight !== 0).length,
    agreement: total === 0 ? 1 : Math.abs(balance) / total,
  };
}
