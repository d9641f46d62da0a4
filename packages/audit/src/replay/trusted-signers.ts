import { mayChangeSigners, type VerifiedKey, verifyCommit } from '@tiltyard/git';
import { type AllowedSigner, parseAllowedSigner } from '@tiltyard/schema';
import type { HistoryCommit } from '../git/history-stream.js';
import type { FileChange } from './file-change.js';
import type { Tree } from './tree.js';

type SignedCommit = Pick<HistoryCommit, 'signature'>;

/** Verified once for each commit, whoever asks. */
const VERIFIED = new WeakMap<SignedCommit, VerifiedKey>();

/** The key behind a commit. */
export function verifiedKey(commit: SignedCommit): VerifiedKey {
  const known = VERIFIED.get(commit);
  if (known !== undefined) return known;
  const verified = verifyCommit(commit.signature);
  VERIFIED.set(commit, verified);
  return verified;
}

/**
 * Whose keys count after a commit. A list that no operator's key of the one before signed is none, as services take it;
 * neither is one that cannot be read.
 */
export function signersAfter(
  before: readonly AllowedSigner[],
  commit: SignedCommit,
  changes: readonly FileChange[],
  tree: Tree,
): readonly AllowedSigner[] {
  const change = changes.find(({ known }) => known.name === 'allowedSigners');
  if (change === undefined || !mayChangeSigners(verifiedKey(commit), before)) return before;
  if (change.after === undefined) return [];
  const lines = tree.at(change.path)?.content.value as readonly string[] | undefined;
  return lines?.flatMap((line) => parseAllowedSigner(line) ?? []) ?? before;
}
