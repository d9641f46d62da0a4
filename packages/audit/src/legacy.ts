import type { CommitId } from '@tiltyard/schema';
import type { HistoryCommit } from './git/history-stream.js';
import type { AuditedPath } from './git/paths.js';
import type { OtherContent } from './other-format.js';
import type { Authorship, OtherLines } from './replay/authorship.js';
import type { Tree, TreeFile } from './replay/tree.js';

/** Formats that a competition's repositories had before its table, or in another implementation: the reference dialect. */
export interface Legacy {
  /** Whether config.json names what only repositories in our dialect have. */
  isOurs(config: unknown): boolean;
  /** What a path is that is read beside the table. */
  path(path: string): AuditedPath | undefined;
  /** The other format of a state file's content; undefined when it is of none that is known. */
  contentOf(name: string, content: unknown): OtherContent | undefined;
  /** Begins a replay. */
  open(): LegacyReading;
}

/** What one replay knows of the eras that its history went through. */
export interface LegacyReading extends OtherLines {
  /** Takes a file in. @returns why it counts for nothing where it stands; undefined for a file that is in its era. */
  stray(file: Pick<TreeFile, 'path' | 'known' | 'content'>, tree: Tree, commit: CommitId): string | undefined;
  /** Takes deletions in, before they are done: a round's number may be given to another one. */
  deleted(changes: HistoryCommit['changes'], tree: Tree): void;
  /** What is odd about a commit's author, the first time that it is. */
  oddAuthor(at: AuthoredCommit): string | undefined;
}

/** A commit and who wrote it. */
export interface AuthoredCommit {
  readonly author: Authorship;
  readonly commit: Pick<HistoryCommit, 'author' | 'email'>;
}
