/** Commits: taken apart, and put together. */
export {
  type Commit,
  type CommitContent,
  formatCommit,
  type Identity,
  parseCommit,
  type RawCommit,
  readCommitObject,
} from './commit-object.js';
/** One git command, bounded in time, output and disk, and what it said where it failed. */
export { type CommandEnd, detailOf, GitCommandError, runGit } from './git-command.js';
/** The environment of git's processes. */
export { type GitEnvironment, gitEnvironment, readingEnvironment } from './git-environment.js';
/** Why git, or an object, could not be read or written. */
export { GitError, type GitFault, localIoFault } from './git-error.js';
/** What is read of a repository's structure. */
export { GIT_LIMITS } from './git-limits.js';
/** Whether this machine's git is new enough. */
export { requireGit } from './git-version.js';
/** Objects and their names. */
export { frameObject, type ObjectId, type ObjectType, objectId } from './object-format.js';
/** Objects by name, for as long as a process lives. */
export { ObjectReader } from './object-reader.js';
/** Objects in the order asked for, in bounded memory. */
export { type ObjectAnswer, ObjectStream } from './object-stream.js';
/** New objects. */
export { writeLooseObject } from './object-writer.js';
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
/** A git process whose output is read as it comes. */
export { type StartedGit, startGit } from './started-git.js';
/** What a transfer may take of the disk. */
export { type TransferEnd, watchTransfer } from './transfer-watch.js';
/** Trees: taken apart, and put together. */
export {
  EMPTY_TREE,
  entryKind,
  entryName,
  FILE_MODE,
  FOLDER_MODE,
  formatTree,
  isFile,
  isFolder,
  parseTree,
  type ReadTree,
  readTree,
  type Tree,
  type TreeEntry,
  treeNames,
} from './tree-object.js';
