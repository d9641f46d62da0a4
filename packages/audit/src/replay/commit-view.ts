import type { AllowedSigner } from '@tiltyard/schema';
import type { CompetitionFacts, StandingOnRecord } from '../competition-facts.js';
import type { HistoryCommit } from '../git/history-stream.js';
import type { Dialect } from '../interfaces.js';
import type { LegacyReading } from '../legacy.js';
import type { Authorship } from './authorship.js';
import type { FileChange } from './file-change.js';
import type { Tree, TreeFile } from './tree.js';

/** All that a rule looks at: a commit, the tree that it stands upon (P), and its own (c). */
export interface CommitView {
  readonly competition: CompetitionFacts;
  readonly commit: Omit<HistoryCommit, 'changes' | 'others'>;
  readonly dialect: Dialect;
  /** What is known of other eras; undefined where only the table's formats are read. */
  readonly legacy: LegacyReading | undefined;
  readonly author: Authorship;
  /** True from the first service commit on, itself included. */
  readonly started: boolean;
  /**
   * Whether the competition runs: from its first service commit on, and in ours from the one after its start on, so that
   * nobody has a time without rules between the two.
   */
  readonly isRunning: boolean;
  readonly changes: readonly FileChange[];
  /** Files that it touched and that the table does not have, by kind. */
  readonly others: HistoryCommit['others'];
  /** When the parent was committed. */
  readonly parentAtMs: number | undefined;
  /** Whose keys count for it: those of the last allowed_signers before it that an operator's key signed. */
  readonly signers: readonly AllowedSigner[];
  readonly parent: Tree;
  readonly tree: Tree;
  /** Where the competition stands at the parent. */
  readonly standing: StandingOnRecord;
}

/** The changes of files of one kind that leave a readable file. */
export function written(at: CommitView, name: string): readonly (FileChange & { readonly after: TreeFile })[] {
  return at.changes.filter(
    (change): change is FileChange & { readonly after: TreeFile } =>
      change.known.name === name && change.after !== undefined && change.after.content.value !== undefined,
  );
}

/** The round that a commit belongs to where no path tells: the current one at its parent. */
export function roundOf(at: CommitView): number | null {
  return at.standing.round ?? at.competition.standingIn(at.tree).round ?? null;
}

/** The file at a tree that a history without is no competition's. */
export function mainFileIn({ files, mainFile }: CompetitionFacts, tree: Tree): TreeFile | undefined {
  const file = files[mainFile];
  return file === undefined ? undefined : tree.at(file.path.template);
}
