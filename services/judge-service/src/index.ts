/** One step of the service. */
export { type Ports, tick } from './tick.js';
