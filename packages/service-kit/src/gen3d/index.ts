/** How a round's files are drawn, and how a drawn file is stored and written down. */
export { type Drawing, drawAndStore, drawingOf, failedResult, MAX_PNG_BYTES } from './drawing.js';
/** A round's duels at a snapshot: everything that the timeline follows from. */
export { type DuelsState, decidedWinner, dueRequests, readDuels, timelineOf, withReports } from './duels-state.js';
/** The chain and the subnet of a competition. */
export { openCompetitionChain } from './open-competition-chain.js';
/** The current round at a snapshot, obeying pauses, and when its next stage is due. */
export {
  holdChange,
  obeyHold,
  type RoundView,
  readRound,
  requireSupported,
  untilNextStage,
  whilePaused,
} from './round-view.js';
/** A service's whole life. */
export { type RunnableService, runService } from './run-service.js';
/** The chain and the subnet of a competition. */
export { checkChain, subnetOf } from './subnet.js';
