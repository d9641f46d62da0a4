/** Completions collected and published together. */
export { BATCHER_DEFAULTS, type Batcher, type BatcherOptions, type Edit, openBatcher } from './batcher.js';
/** The names that services' commits carry. */
export { defaultIdentity } from './compose-commit.js';
/** Changes to a snapshot, to be published as one commit. */
export type { Draft } from './draft.js';
/** A commit object, and who wrote it. */
export { type Identity, type RawCommit, readCommitObject } from './git/commit-object.js';
/** One git command, bounded in time, output and disk, and what it said where it failed. */
export { GitCommandError, runGit } from './git/git-command.js';
/** What is read of a repository's structure. */
export { GIT_LIMITS } from './git/git-limits.js';
/** What a failed git command said. */
export { detailOf } from './git/remote-access.js';
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
  isLedgerError,
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
/** A commit's signature, as git and OpenSSH write it. */
export type { CommitSignature } from './signatures/commit-signature.js';
/** Whose key stands behind a commit. */
export {
  mayChangeSigners,
  signatureProblem,
  type VerifiedKey,
  verifyCommit,
  vouchesFor,
} from './signatures/verified-key.js';
/** A service's key, and whether a repository lets it sign. */
export { type CommitSigner, maySign, openSigner } from './signing.js';
/** One commit of the public state, read only. */
export type { AnyStateFile, ChangeRecord, ListedFile, Snapshot, VouchedValue } from './snapshot.js';
/** Whose keys count, and which files nobody vouches for. */
export { describeUnvouched, type Trust, type UnvouchedFile } from './trust/trust.js';
