/** Its configuration. */
export { type RoundManagerConfig, readConfig } from './config.js';
/** What follows a round, as a pure function. */
export { planRoundEnd, type RoundEnd, type RoundEndPlan } from './plan.js';
/** One step of the service. */
export { type Ports, tick } from './tick.js';
