/** Follows a round's builds. */
export { type BuildTracker, type BuildTrackerOptions, openBuildTracker } from './build-tracker.js';
/** Where a round's images are built. */
export type { BuildWorkflow, WorkflowLook } from './build-workflow.js';
/** Its configuration. */
export { type OrchestratorConfig, readConfig } from './config.js';
/** Builds on one machine. */
export { localBuilder } from './local-builder.js';
/** Deletes pods that nobody owns. */
export { openPodSweep, type PodSweep, type PodSweepOptions } from './pod-sweep.js';
/** Runs of containers, and what they brought. */
export { openRunning, type Running, type RunningOptions } from './running.js';
/** One step of the service. */
export { type Ports, tick } from './tick.js';
