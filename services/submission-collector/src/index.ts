/** One step of the service. */

/** What it works with. */
export type { Ports } from './ports.js';
export { tick } from './tick.js';
