import type { Amendments, CompetitionState, StateFileName } from '@tiltyard/schema';
import type { AuditedPath } from '../formats/era-files.js';
import type { HistoryCommit } from '../git/history-stream.js';
import type { Dialect } from '../interfaces.js';
import type { Authorship } from './authorship.js';
import { type Tree, type TreeFile, valueIn } from './tree.js';

/** A state file that a commit added, changed or deleted. */
export interface FileChange {
  readonly path: string;
  readonly known: AuditedPath;
  readonly before: TreeFile | undefined;
  readonly after: TreeFile | undefined;
}

/** All that a rule looks at: a commit, the tree that it stands upon (P), and its own (c). */
export interface CommitView {
  readonly commit: Omit<HistoryCommit, 'changes' | 'others'>;
  readonly dialect: Dialect;
  readonly author: Authorship;
  /** True from the first service commit on, itself included: from then on the competition runs. */
  readonly started: boolean;
  readonly changes: readonly FileChange[];
  /** Files that it touched and that the registry does not know, by kind. */
  readonly others: HistoryCommit['others'];
  readonly parent: Tree;
  readonly tree: Tree;
}

/** state.json at the parent. */
export function stateBefore(at: CommitView): CompetitionState | undefined {
  return valueIn(at.parent, 'state', {});
}

/** A round's amendments at the parent: what a service could know when it wrote the commit. */
export function amendmentsBefore(at: CommitView, round: number): Amendments {
  return valueIn(at.parent, 'amendments', { round }) ?? [];
}

/** The changes of files of one kind that leave a readable file. */
export function written(at: CommitView, name: StateFileName): readonly (FileChange & { readonly after: TreeFile })[] {
  return at.changes.filter(
    (change): change is FileChange & { readonly after: TreeFile } =>
      change.known.name === name && change.after !== undefined && change.after.content.value !== undefined,
  );
}

/** The round that a commit belongs to where no path tells: the current one at its parent. */
export function roundOf(at: CommitView): number | null {
  return stateBefore(at)?.current_round ?? valueIn(at.tree, 'state', {})?.current_round ?? null;
}
