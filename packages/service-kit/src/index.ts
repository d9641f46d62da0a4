/** The variables that services share. */
export {
  type ChainConfig,
  type KitConfig,
  type KitSecrets,
  readChainConfig,
  readKitConfig,
} from './config/kit-config.js';
/** The parts of a configuration, read so that all errors are reported at once. */
export { readTogether } from './config/read-together.js';
/** Repeats of one thing, held back and counted. */
export { type HoldBack, holdBack } from './hold-back.js';
/** Work that outlasts a tick. */
export { type JobContext, type JobQueue, type JobQueueOptions, openJobQueue, type Settled } from './job-queue.js';
/** JSON lines, secrets blanked. */
export { createLogger, describeError, type Logger } from './logger.js';
/** Ticks, one after another, until the end. */
export {
  type LoopOptions,
  lookAgainIn,
  lookAgainLater,
  lookAgainNow,
  lookAgainSoon,
  type NextLook,
  runLoop,
  type TickReport,
} from './loop.js';
/** Metrics of a service. */
export { openMetrics, type ServiceMetrics } from './metrics.js';
/** Messages to operators. */
export {
  DISCORD_DEFAULTS,
  type DiscordOptions,
  discordNotices,
  logNotices,
  type Notice,
  type Notices,
} from './notices.js';
/** What failed, left alone for a while. */
export { type RetryLater, type RetryLaterOptions, retryLater } from './retry-later.js';
/** A service's whole life. */
export {
  type OpenedService,
  type RunServiceOptions,
  runServiceOf,
  type ServiceContext,
} from './run-service.js';
/** This software's name and version. */
export { SOFTWARE_VERSION, softwareIdentity } from './software.js';
/** Why the public state cannot be worked on. */
export { StateError, type StateFault } from './state-error.js';
/** /metrics, /healthz, /readyz. */
export { openStatusServer, type StatusServer, type StatusServerOptions } from './status-server.js';
/** What does not go on, by kind. */
export { isStuckByFault, retryText, type Stuck, type StuckKind, stuckBy } from './stuck.js';
