/**
 * What is read of a repository's structure, by ledger and auditor alike. Anyone who may push can make objects of any size; an
 * object past a limit is faulty, and is never held or searched. Each limit is many times what git and services write.
 */
export const GIT_LIMITS = {
  /** A whole commit or tree. */
  structureBytes: 1024 * 1024,
  /** A commit's headers. Each parent is one. */
  headers: 1_000,
  /** A header with its further lines: the largest is a signature, or the tag that a merge brought in. */
  headerBytes: 64 * 1024,
  /** An author's or committer's line. */
  identityBytes: 1_024,
  /** A message's lines. Services announce each file that they write. */
  messageLines: 20_000,
  /** A name in a tree. No file system has longer ones. */
  nameBytes: 255,
} as const;
