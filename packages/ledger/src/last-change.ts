import { CommitId } from '@tiltyard/schema';
import type { Clone } from './git/clone.js';
import type { ChangeRecord } from './snapshot.js';

/**
 * The last commit up to `commit` that changed a path; undefined when none did.
 *
 * Along first parents, as the auditor reads a history. Otherwise whoever merges in a line of commits of their own making
 * says when a file was announced.
 *
 * @throws LedgerError `corrupt`, `git`.
 */
export async function lastChange(
  clone: Clone,
  commit: CommitId,
  path: string,
  signal?: AbortSignal,
): Promise<ChangeRecord | undefined> {
  const line = await clone.git(['log', '-1', '--first-parent', '--format=%H %ct', commit, '--', path], signal);
  const [id, seconds] = line.trim().split(' ');
  if (id === undefined || seconds === undefined) return undefined;
  return { commit: CommitId.parse(id), at: new Date(Number(seconds) * 1000) };
}
