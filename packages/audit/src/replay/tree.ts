import type { AuditedPath } from '../git/paths.js';
import type { OtherContent } from '../other-format.js';
import type { TextRemark } from './text-remarks.js';

/** A state file as of a commit. */
export interface TreeFile {
  readonly path: string;
  readonly known: AuditedPath;
  readonly blob: string;
  /** When it first appeared, by that commit's date, in milliseconds. */
  readonly firstAtMs: number;
  /** The same of this content. */
  readonly writtenAtMs: number;
  readonly content: FileContent;
}

/** What was read of a state file. A parsed value may be let go, and read again; what is kept of it stays. */
export interface FileContent {
  /** The parsed value; undefined while it is not held, and for what cannot be read. */
  value: unknown;
  /** Why there is no value to be had. */
  readonly problem: FileProblem | undefined;
  /** Set where the content is of another format than the table's: the value, if there is one, is its translation. */
  readonly format?: OtherContent | undefined;
  /** What is odd about its bytes; empty for most files. */
  readonly remarks?: readonly TextRemark[];
  /** Why it counts for nothing where it stands: it is of another era than what surrounds it. */
  readonly stray?: string;
  /** What the competition keeps of it. */
  kept?: object | undefined;
}

/**
 * Why a state file's content cannot be had: not in this repository, no plain file, not of its format, of another one, or of
 * another era than its round.
 */
export type FileProblem =
  | { readonly kind: 'missing' }
  | { readonly kind: 'not_a_file' }
  | { readonly kind: 'unreadable'; readonly detail: string }
  | { readonly kind: 'invalid'; readonly detail: string }
  | { readonly kind: 'other_format'; readonly detail: string }
  | { readonly kind: 'other_era'; readonly detail: string };

/** The state files of one commit, by what they are. */
export interface Tree {
  at(path: string): TreeFile | undefined;
  paths(): Iterable<string>;
  /** The paths of a round's files. */
  ofRound(round: number): Iterable<string>;
}

/** The tree of the commit that the replay stands at. */
export class ReplayedTree implements Tree {
  readonly #files = new Map<string, TreeFile>();
  readonly #byRound = new Map<number, Set<string>>();

  at(path: string): TreeFile | undefined {
    return this.#files.get(path);
  }

  paths(): Iterable<string> {
    return this.#files.keys();
  }

  ofRound(round: number): Iterable<string> {
    return this.#byRound.get(round) ?? [];
  }

  rounds(): readonly number[] {
    return [...this.#byRound.keys()].sort((a, b) => a - b);
  }

  set(file: TreeFile): void {
    this.#files.set(file.path, file);
    const { round } = file.known.params;
    if (round === undefined) return;
    const paths = this.#byRound.get(round) ?? new Set();
    this.#byRound.set(round, paths.add(file.path));
  }

  delete(path: string): void {
    const round = this.#files.get(path)?.known.params.round;
    this.#files.delete(path);
    if (round === undefined) return;
    const paths = this.#byRound.get(round);
    paths?.delete(path);
    if (paths?.size === 0) this.#byRound.delete(round);
  }
}

/** A tree as it was before a commit's changes. */
export class ParentTree implements Tree {
  constructor(
    readonly after: Tree,
    readonly before: ReadonlyMap<string, TreeFile | undefined>,
  ) {}

  at(path: string): TreeFile | undefined {
    return this.before.has(path) ? this.before.get(path) : this.after.at(path);
  }

  *paths(): Iterable<string> {
    for (const path of this.after.paths()) if (!this.before.has(path)) yield path;
    for (const [path, file] of this.before) if (file !== undefined) yield path;
  }

  *ofRound(round: number): Iterable<string> {
    for (const path of this.after.ofRound(round)) if (!this.before.has(path)) yield path;
    for (const [path, file] of this.before) if (file?.known.params.round === round) yield path;
  }
}
