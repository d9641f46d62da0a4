import type { AllowedSigner, CommitId } from '@tiltyard/schema';
import type { Amendments, CompetitionState, Config, StateFileName } from '@tiltyard/schema/gen3d';
import type { AuditedPath } from '../gen3d/legacy/era-files.js';
import type { HistoryCommit } from '../git/history-stream.js';
import type { Dialect } from '../interfaces.js';
import type { Authorship } from './authorship.js';
import { fileOf, type Tree, type TreeFile, valueIn } from './tree.js';

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
  readonly times: CommitTimes;
  /** Whose keys count for it: those of the last allowed_signers before it that an operator's key signed. */
  readonly signers: readonly AllowedSigner[];
  readonly parent: Tree;
  readonly tree: Tree;
}

/** What the commits before one say of time: the dates that their makers gave them. */
export interface CommitTimes {
  /** When the parent was committed. */
  readonly parentAtMs: number | undefined;
  /** When the round that stands at the parent was opened. */
  readonly openedAtMs: number | undefined;
  /** The last change of the prompt pool since, before its reveals were found to be over. */
  readonly poolChange: { readonly commit: CommitId; readonly atMs: number } | undefined;
  /** When its reveals were found to be over. */
  readonly closedAtMs: number | undefined;
  /** When its reveals were to end by the chain's time, as its opening said. */
  readonly startsAtMs: number | undefined;
}

/** state.json at the parent. */
export function stateBefore(at: CommitView): CompetitionState | undefined {
  return valueIn(at.parent, 'state', {});
}

/**
 * Whether the competition runs: from its first service commit on, and in ours from the one after its start on, so that
 * nobody has a time without rules between the two.
 */
export function isRunning(at: CommitView): boolean {
  return at.started || (at.dialect === 'ours' && bearsOurMarks(at.parent));
}

/** What only ours writes into config.json, in every competition that is on a chain. */
const OUR_FIELDS = ['netuid', 'genesis_hash'] as const;

/** Whether a config.json names what the reference does not know. */
export function namesOurFields(config: Config): boolean {
  return OUR_FIELDS.some((field) => config[field] !== undefined);
}

/** Whether a tree is one of ours, whatever its commits say of themselves: a repository may have begun with the reference. */
export function bearsOurMarks(tree: Tree): boolean {
  const round = valueIn(tree, 'state', {})?.current_round;
  if (round === undefined) return false;
  const config = valueIn(tree, 'config', {});
  return (config !== undefined && namesOurFields(config)) || fileOf(tree, 'rules', { round }) !== undefined;
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

/**
 * Whether our services did what a commit did in a round: what holds of their work only is asked of no round that began
 * under the reference implementation.
 */
export function isOwnWork(at: CommitView, round: number): boolean {
  if (at.dialect === 'reference') return false;
  return at.author.trailer !== undefined || bearsOurMarks(at.tree) || fileOf(at.tree, 'rules', { round }) !== undefined;
}
