import type { ChangeContext } from './change.js';
import { parseJson } from './json-text.js';
import type { AnyLine } from './messages/line-grammar.js';
import type { PathValues } from './path-template.js';
import type { AnyStateFile, ParamsOf, PathEntry, StateFile, StateFileTable, ValueOf } from './state-file.js';

/** Where every repository says which competition it holds. */
export const CONFIG_PATH = 'config.json';

/** Who starts a competition and corrects it, in every competition. A commit without trailer counts as its own. */
export const OPERATOR = 'operator';

/** One changed file of a commit in the making; `before` is undefined for a new file. */
export interface ChangedFile {
  /** By its name in the table. */
  readonly name: string;
  readonly params: PathValues;
  readonly before: unknown;
  readonly after: unknown;
}

/** Reads a state file of one commit; undefined when it is not there. */
export type ReadStateFile = <File extends AnyStateFile>(
  file: File,
  params: ParamsOf<File>,
) => Promise<ValueOf<File> | undefined>;

/** Where a competition stands at a commit: what the next commit's changes are held against. */
export interface Standing<Writer extends string = string> {
  /** The stage, in a competition that has stages. */
  readonly stage?: string;
  /** The current round, in a competition that has rounds: services write its files, and the next one's where the table says so. */
  readonly round?: number;
  /** Who may write a file now. */
  owners(file: PathEntry): readonly Writer[];
  /** What the check of a file's change may look at. */
  context(file: PathEntry): ChangeContext;
  /** The paths that a file's writer derives it from: when one has changed since, the file is derived again. */
  derivedFrom(file: PathEntry): readonly string[];
}

/** What a competition announces in its commit messages. */
export interface CommitLines<Writer extends string = string, Line extends AnyLine = AnyLine> {
  /** The lines that announce a commit's changes, sorted; together they account for every file. */
  announce(changes: readonly ChangedFile[], writer: Writer): readonly string[];
  /** What a line announces; undefined when it is outside the grammar. */
  parse(text: string): Line | undefined;
  /** Whose line it is. */
  owners(line: Line): readonly Writer[];
  /** Whether a line announces this very file. */
  covers(line: Line, file: Pick<PathEntry, 'name' | 'params'>): boolean;
}

/** A competition, as all that serves more than one asks about it: ledger, auditor, command line. */
export interface Competition<Writer extends string = string, Line extends AnyLine = AnyLine> {
  /** As config.json's `competition` names it. */
  readonly name: string;
  /** Its table of state files. */
  readonly files: StateFileTable & {
    readonly config: AnyStateFile;
    readonly allowedSigners: StateFile<readonly string[], object>;
  };
  /** Who publishes, each in its own name; {@link OPERATOR} among them. */
  readonly writers: readonly Writer[];
  /** The files that its first commit must hold; their paths have no parameters. */
  readonly required: readonly AnyStateFile[];
  /** Folders outside the table whose files outcomes depend on too. They are the operator's, three folders deep. */
  readonly operatorFolders: readonly string[];
  readonly lines: CommitLines<Writer, Line>;
  /** Before the first commit. */
  readonly beginning: Standing<Writer>;
  /**
   * Where it stands at a commit.
   *
   * @param changes - The files that the next commit changes.
   * @throws FormatError when a file that says so is missing; what `read` throws.
   */
  standing(read: ReadStateFile, changes: readonly Pick<PathEntry, 'name' | 'params'>[]): Promise<Standing<Writer>>;
}

/**
 * What a config.json's field `competition` says; undefined when it says nothing, or cannot be read.
 *
 * @param config - Its text; undefined where there is none.
 */
export function namedCompetition(config: string | undefined): unknown {
  if (config === undefined) return undefined;
  try {
    return (parseJson(config) as { readonly competition?: unknown } | null)?.competition;
  } catch {
    // Reading it by its format reports what is wrong with it.
    return undefined;
  }
}
