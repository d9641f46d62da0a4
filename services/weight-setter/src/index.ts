/** One step of the service. */

/** Its configuration. */
export { type Pace, readConfig, type WeightSetterConfig } from './config.js';
export { openTick, type Ports } from './tick.js';
