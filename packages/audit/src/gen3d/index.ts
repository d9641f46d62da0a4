/** A round's story for people. */
export { explainRound } from './story/explain-round.js';
/** What happened in a round, and what it hung on. */
export type { ChallengerStory, EarlierVerdict, RoundStory, Turn } from './story/round-story.js';
