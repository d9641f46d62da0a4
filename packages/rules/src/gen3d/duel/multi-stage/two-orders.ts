/** The penalties that the two sides got in one call, 0 (perfect) to 10 (another object). */
export interface CallPenalties {
  readonly left: number;
  readonly right: number;
}

/** One comparison, asked twice with the sides swapped. Penalties are by side, not by place. */
export interface TwoOrders {
  readonly leftFirst: CallPenalties;
  readonly rightFirst: CallPenalties;
}

/** Each side's mean over both orders. */
export function meanPenalties({ leftFirst, rightFirst }: TwoOrders): CallPenalties {
  return { left: (leftFirst.left + rightFirst.left) / 2, right: (leftFirst.right + rightFirst.right) / 2 };
}

/** True when the two orders name different winners: the model went by the place, not by the picture. */
export function isContradictory({ leftFirst, rightFirst }: TwoOrders): boolean {
  return (leftFirst.left - leftFirst.right) * (rightFirst.left - rightFirst.right) < 0;
}
