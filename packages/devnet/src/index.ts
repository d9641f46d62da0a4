/** Controls a dev chain in another process. */
export { CONTROL_DEFAULTS, type ControlOptions, connectDevnetControl, type DevnetControl } from './control-client.js';
/** What the control methods take and answer. */
export type {
  ControlBlock,
  DevnetStatus,
  FundRequest,
  JumpRequest,
  ProduceRequest,
  RegisterAnswer,
  RegisterRequest,
} from './control-protocol.js';
/** Starts a dev chain in this process. */
export { type Devnet, startDevnet } from './devnet.js';
/** The package's error and its faults. */
export { DevnetError, type DevnetFault } from './errors.js';
/** Where it logs to. */
export type { DevnetLogger } from './logger.js';
/** A block as the chain in this process names it, and how far one jump may go. */
export { type BlockRef, MAX_JUMP_BLOCKS } from './node/dev-chain.js';
/** What a dev chain is started with; the schema is JSON throughout. */
export { DevnetOptions } from './options.js';
