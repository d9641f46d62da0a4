import { CommitId } from '@tiltyard/schema';
import type { Clone } from './git/clone.js';

/** When and by which commit a file last changed. */
export interface ChangeRecord {
  readonly commit: CommitId;
  /** The commit's date. */
  readonly at: Date;
}

/** Which of a path's changes is asked for. */
export type WhichChange = 'first' | 'last';

/**
 * The first or the last commit up to `commit` that changed a path; undefined when none did.
 *
 * Along first parents, as the auditor reads a history. Otherwise merging in a made-up line of commits could set when a
 * file was announced.
 *
 * @throws LedgerError `corrupt`, `malformed`, `git`.
 */
export async function fileChange(
  clone: Clone,
  which: WhichChange,
  commit: CommitId,
  path: string,
  signal?: AbortSignal,
): Promise<ChangeRecord | undefined> {
  const only = which === 'last' ? ['-1'] : [];
  const list = await clone.git(['log', ...only, '--first-parent', '--format=%H', commit, '--', path], signal);
  const found = list.trim().split('\n').at(-1);
  if (!found) return undefined;
  const id = CommitId.parse(found);
  return { commit: id, at: (await clone.objects.commit(id)).committedAt };
}
