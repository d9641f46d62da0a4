/** One step of the service. */

/** Where sources and images of a local network lie. */
export { localBuilder, sourceFile } from './local-builder.js';
export { cleanUpPods, type Ports, tick } from './tick.js';
