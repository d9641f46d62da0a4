import type { AnyPathParams, CommitId, ParamsOf, ValueOf } from '@tiltyard/schema';
import { type CompetitionState, knownPath, type StateFileName, stateFiles } from '@tiltyard/schema/gen3d';
import { fileText } from './file-text.js';
import { LedgerError } from './ledger-error.js';
import { type AnyStateFile, type ParamArgs, pathOf, type Snapshot } from './snapshot.js';

/** One file that a draft writes. */
export interface DraftFile {
  readonly name: StateFileName;
  readonly file: AnyStateFile;
  readonly params: AnyPathParams;
  readonly value: unknown;
  readonly text: string;
}

/** A file that a draft was derived from, and the commit at which it was read. */
export interface RequiredFile {
  readonly path: string;
  readonly at: CommitId;
}

/**
 * Changes to a snapshot, to be published as one commit or not at all.
 *
 * What the commit's message announces follows from the files that change, so it is not written here.
 */
export class Draft {
  readonly #files = new Map<string, DraftFile>();
  readonly #required: RequiredFile[] = [];
  readonly #decidedAt: CommitId[] = [];

  /** Drafts come from {@link Snapshot.draft}. */
  constructor(readonly base: Snapshot) {}

  /**
   * Puts a file's whole new value into the draft.
   *
   * @throws LedgerError `invalid` when the value does not fit the file's schema.
   */
  write<File extends AnyStateFile>(file: File, params: ParamsOf<File>, value: ValueOf<File>): this {
    const path = pathOf(file, params);
    const known = knownPath(path);
    if (known === undefined) throw new LedgerError({ code: 'not_announced', path });
    const text = fileText(file, path, value);
    this.#files.set(path, { name: known.name, file, params: known.params, value, text });
    return this;
  }

  /**
   * Moves the competition to another state. Published with the rest of the draft, whole, and only while no amendment of
   * the round has come in: that might hold it.
   *
   * @param derivedFrom - The snapshot that the decision was derived from, where it is older than the draft's.
   */
  transition(state: CompetitionState, derivedFrom: Snapshot = this.base): this {
    this.#decidedAt.push(derivedFrom.commit);
    return this.write(stateFiles.state, {}, state);
  }

  /**
   * States that the draft was derived from a file that it does not write: when that file has changed by the time of
   * publishing, the draft is refused as `stale` instead of being put on top.
   *
   * @param derivedFrom - The snapshot that it was read in, where that is older than the draft's.
   */
  requires<File extends AnyStateFile>(file: File, params: ParamsOf<File>, derivedFrom: Snapshot = this.base): this {
    this.#required.push({ path: pathOf(file, params), at: derivedFrom.commit });
    return this;
  }

  /** A file's value as the draft leaves it: what was written, else what the snapshot holds. */
  async read<File extends AnyStateFile>(file: File, ...args: ParamArgs<File>): Promise<ValueOf<File> | undefined> {
    const written = this.#files.get(pathOf(file, args[0]));
    return written === undefined ? this.base.read(file, ...args) : (written.value as ValueOf<File>);
  }

  /** A copy that can be changed without changing this one. */
  fork(): Draft {
    const copy = new Draft(this.base);
    for (const [path, file] of this.#files) copy.#files.set(path, file);
    copy.#required.push(...this.#required);
    copy.#decidedAt.push(...this.#decidedAt);
    return copy;
  }

  /** Whether nothing was written. */
  get empty(): boolean {
    return this.#files.size === 0;
  }

  /** What is written, by path. */
  get files(): ReadonlyMap<string, DraftFile> {
    return this.#files;
  }

  /** The files that must not have changed. */
  get required(): readonly RequiredFile[] {
    return this.#required;
  }

  /** The commits that changes of state were decided at. */
  get decidedAt(): readonly CommitId[] {
    return this.#decidedAt;
  }
}
