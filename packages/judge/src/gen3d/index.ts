/** The judge of a round. */
export { type JudgeOptions, openJudge } from './open-judge.js';
/** What a pairwise duel's `detail` holds. */
export { PairwiseDetail } from './pairwise-detail.js';
