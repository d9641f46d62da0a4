import {
  type AnyStateFile,
  type CommitId,
  type Competition,
  knownPathIn,
  type ParamsOf,
  type PathEntry,
  type ValueOf,
} from '@tiltyard/schema';
import { type ParamArgs, pathOf } from './file-path.js';
import { fileText } from './file-text.js';
import { LedgerError } from './ledger-error.js';

/** The state that a draft changes: a snapshot. */
export interface DraftBase {
  readonly commit: CommitId;
  readonly competition: Competition;
  read<File extends AnyStateFile>(file: File, ...args: ParamArgs<File>): Promise<ValueOf<File> | undefined>;
}

/** One file that a draft writes. */
export interface DraftFile extends PathEntry {
  readonly value: unknown;
  readonly text: string;
}

/**
 * Changes to a snapshot, to be published as one commit or not at all.
 *
 * What the commit's message announces follows from the files that change, so it is not written here.
 */
export class Draft {
  readonly #files = new Map<string, DraftFile>();
  readonly #required: string[] = [];

  /** Drafts come from `Snapshot.draft`. */
  constructor(readonly base: DraftBase) {}

  /**
   * Puts a file's whole new value into the draft.
   *
   * @throws LedgerError `invalid` when the value does not fit the file's schema; `not_announced` for a file that is not in
   *   the competition's table.
   */
  write<File extends AnyStateFile>(file: File, params: ParamsOf<File>, value: ValueOf<File>): this {
    const path = pathOf(file, params);
    const known = knownPathIn(this.base.competition.files, path);
    if (known?.file !== file) throw new LedgerError({ code: 'not_announced', path });
    const text = fileText(file, path, value);
    this.#files.set(path, { ...known, value, text });
    return this;
  }

  /**
   * States that the draft was derived from a file that it does not write: when that file has changed by the time of
   * publishing, the draft is refused as `stale` instead of being put on top.
   */
  requires<File extends AnyStateFile>(file: File, params: ParamsOf<File>): this {
    this.#required.push(pathOf(file, params));
    return this;
  }

  /** A file's value as the draft leaves it: what was written, else what the snapshot holds. */
  async read<File extends AnyStateFile>(file: File, ...args: ParamArgs<File>): Promise<ValueOf<File> | undefined> {
    const written = this.#files.get(pathOf(file, args[0]));
    return written === undefined ? this.base.read(file, ...args) : (written.value as ValueOf<File>);
  }

  /** Whether nothing was written. */
  get empty(): boolean {
    return this.#files.size === 0;
  }

  /** What is written, by path. */
  get files(): ReadonlyMap<string, DraftFile> {
    return this.#files;
  }

  /** The paths that must not have changed. */
  get required(): readonly string[] {
    return this.#required;
  }
}
