/** The judge of a round as its users see it, and its strategies' seam. */
export type * from './interfaces.js';
/** The judge of a round. */
export { type JudgeOptions, openJudge } from './open-judge.js';
/** What a pairwise duel's `detail` holds. */
export { PairwiseDetail } from './pairwise-detail.js';
