/** Ends processes by their mark, gracefully and then forcefully. */
export { type EndedProcesses, type EndOptions, endProcesses, KILLED_MS } from './end-processes.js';
/** A port for a program that cannot take any free one. */
export { freePort } from './free-port.js';
/** Ends what is left, however this process ends. */
export { guardProcesses } from './guard.js';
/** A process that begins only when it is on record. */
export { type HeldProcess, holdProcess } from './held-process.js';
/** A process that is started, watched, stopped and started again. */
export {
  listeningUrl,
  type ManagedProcess,
  PROCESS_DEFAULTS,
  type ProcessOptions,
  startProcess,
} from './managed-process.js';
/** Every failure, coded. */
export { ProcessError, type ProcessFault } from './process-error.js';
/** All processes that bear a mark, and the memory they use. */
export { type FamilyMember, processFamily, proportionalSetBytes } from './process-family.js';
/** Which process it is, process ids being reused. */
export { identify, isRunning, ProcessIdentity } from './process-identity.js';
/** What a program is started with, and its log. */
export { inherited, type Program, readLog } from './program.js';
