/** Its configuration. */
export { type Pace, readConfig, type WeightSetterConfig } from './config.js';
/** One step of the service. */
export { type Ports, tick } from './tick.js';
