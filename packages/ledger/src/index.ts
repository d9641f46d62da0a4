/** The names that services' commits carry. */
export { defaultIdentity } from './compose-commit.js';
/** Changes to a snapshot, to be published as one commit. */
export type { Draft } from './draft.js';
/** When a file last changed. */
export type { ChangeRecord } from './file-change.js';
/** What is wrong with a state repository's address. */
export { remoteProblem } from './git/remote-address.js';
/** Why a remote refuses. */
export type { RefusalReason } from './git/remote-reasons.js';
/** A repository's first commit. */
export { type InitOptions, initRepository } from './init-repository.js';
/** The public state repository, as one service sees it. */
export { LEDGER_DEFAULTS, type Ledger, type LedgerOptions, openLedger } from './ledger.js';
/** Why the ledger refused or failed. */
export {
  type IllegalChangeCode,
  LedgerError,
  type LedgerFault,
  type LedgerFaultCode,
  type UnreachableKind,
} from './ledger-error.js';
/** Where the ledger says what it does. */
export type { LedgerLog } from './ledger-log.js';
/** What publishing came to. */
export type { Published } from './publish.js';
/** Whether a commit fits the registry. */
export { type CheckInput, checkCommit, type PlannedChange } from './registry-checks.js';
/** A service's key, and whether a repository lets it sign. */
export { type CommitSigner, maySign, openSigner } from './signing.js';
/** One commit of the public state, read only. */
export type { ListedFile, Snapshot, VouchedValue } from './snapshot.js';
/** Whose keys count, and which files no key vouches for. */
export { describeUnvouched, type Trust, type UnvouchedFile } from './trust/trust.js';
