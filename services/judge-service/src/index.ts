/** Its configuration. */
export { type JudgeServiceConfig, readConfig } from './config.js';
/** Matches, judged side by side. */
export { type Judging, openJudging } from './judging.js';
/** One step of the service. */
export { type Ports, tick } from './tick.js';
