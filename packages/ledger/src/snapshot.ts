import { isUtf8 } from 'node:buffer';
import { type Commit, isFile, isFolder, type ObjectId } from '@tiltyard/git';
import {
  type AnyStateFile,
  CONFIG_PATH,
  type CommitId,
  type Competition,
  describeValueChange,
  isFault,
  knownPathIn,
  type ParamsOf,
  type ValueOf,
} from '@tiltyard/schema';
import type { LRUCache } from 'lru-cache';
import { checkNamed } from './chosen-competition.js';
import { Draft } from './draft.js';
import type { ChangeRecord, WhichChange } from './file-change.js';
import { type ParamArgs, pathOf } from './file-path.js';
import { fileValue } from './file-text.js';
import type { ObjectDatabase } from './git/object-database.js';
import { LedgerError } from './ledger-error.js';
import { describeUnvouched, EVERYTHING, type Trust, type UnvouchedFile } from './trust/trust.js';

/** A file that a listing found. */
export interface ListedFile<File extends AnyStateFile> {
  readonly path: string;
  readonly params: ParamsOf<File>;
  read(): Promise<ValueOf<File>>;
}

/** A file as it was last signed with a key that may write it. */
export interface VouchedValue<T> {
  /** As it was last vouched for; undefined when it did not exist then. */
  readonly value: T | undefined;
  /** What is there now instead, where that is something else. */
  readonly unvouched?: UnvouchedFile;
}

/** Where a snapshot's contents come from. */
export interface SnapshotSource {
  readonly competition: Competition;
  /** Runs a read, and runs it again where the clone turned out damaged and was rebuilt. */
  run<T>(read: (objects: ObjectDatabase) => Promise<T>): Promise<T>;
  /** Parsed files by kind and object id. */
  readonly parsed: LRUCache<string, object | string>;
  fileChange(
    which: WhichChange,
    commit: CommitId,
    path: string,
    signal?: AbortSignal,
  ): Promise<ChangeRecord | undefined>;
  trust(commit: CommitId): Promise<Trust>;
}

const TEXT_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * One commit of the public state, read only.
 *
 * It never changes: two reads of one snapshot agree, whatever is published meanwhile. Values are parsed once per content
 * and frozen.
 */
export class Snapshot {
  readonly #commit: Commit;
  readonly #source: SnapshotSource;

  /** Snapshots come from a ledger; the constructor is for the package's own use. */
  constructor(
    readonly commit: CommitId,
    content: Commit,
    source: SnapshotSource,
  ) {
    this.#commit = content;
    this.#source = source;
  }

  /** The competition that the repository holds. */
  get competition(): Competition {
    return this.#source.competition;
  }

  /** The commit's date: when this state was published. */
  get committedAt(): Date {
    return this.#commit.committedAt;
  }

  /** The commit's message: what its publisher announced. */
  get message(): string {
    return this.#commit.message;
  }

  /**
   * A state file's value; undefined when it does not exist.
   *
   * @example await snapshot.read(stateFiles.schedule, { round: 3 })
   * @throws LedgerError `invalid`, `too_large`, `unknown_version` naming path and field; `corrupt` when the clone is
   *   damaged and could not be rebuilt.
   */
  async read<File extends AnyStateFile>(file: File, ...[params]: ParamArgs<File>): Promise<ValueOf<File> | undefined> {
    return this.readFile(file, pathOf(file, params));
  }

  /** A state file's value by its path, for code that handles every file alike. @throws as {@link read}. */
  async readFile<File extends AnyStateFile>(file: File, path: string): Promise<ValueOf<File> | undefined> {
    return this.#readIn(this.#commit.tree, file, path);
  }

  /**
   * Whose keys count, and which files no allowed key vouches for. Where no keys are listed, none is asked for.
   *
   * @throws LedgerError `corrupt`, `malformed`.
   */
  async trust(): Promise<Trust> {
    return this.#source.trust(this.commit);
  }

  /**
   * A state file's value as it was last vouched for: where it was changed without a key, the value before that.
   *
   * @throws as {@link read}.
   */
  async readVouched<File extends AnyStateFile>(
    file: File,
    ...[params]: ParamArgs<File>
  ): Promise<VouchedValue<ValueOf<File>>> {
    const path = pathOf(file, params);
    const { unvouched } = await this.trust();
    const mark = unvouched.find((one) => one.path === path) ?? unvouched.find((one) => one.path === EVERYTHING);
    if (mark === undefined) return { value: await this.readFile(file, path) };
    return { value: await this.#readIn(mark.goodTree, file, path), unvouched: await this.withChange(mark) };
  }

  /**
   * Refuses a state in which anything was changed without a key for it. Deriving from such a snapshot and publishing in
   * one's own name would sign what others made up.
   *
   * @throws LedgerError `unvouched`.
   */
  async requireVouched(): Promise<void> {
    const { unvouched } = await this.trust();
    const [first, ...others] = unvouched;
    if (first !== undefined) throw unvouchedError([await this.withChange(first), ...others]);
  }

  /** A file that no key vouches for, with its changes since one last did. @throws LedgerError `corrupt`. */
  async withChange(mark: UnvouchedFile): Promise<UnvouchedFile> {
    const file = knownPathIn(this.competition.files, mark.path)?.file;
    if (file === undefined) return mark;
    const [before, now] = [
      await this.#found(mark.goodTree, file, mark.path),
      await this.#found(this.tree, file, mark.path),
    ];
    if (now === 'unreadable') return { ...mark, change: 'it cannot be read any more' };
    if (before === 'unreadable') return mark;
    if (before === undefined || now === undefined)
      return { ...mark, change: now === undefined ? 'it is gone' : 'it is new' };
    const change = describeValueChange(before, now);
    return change === undefined ? mark : { ...mark, change };
  }

  /** What a file of the registry holds, `unreadable` where that does not fit its format. */
  async #found(tree: ObjectId, file: AnyStateFile, path: string): Promise<unknown> {
    return this.#readIn(tree, file, path).catch((error: unknown) => {
      if (isFault(error, LedgerError, 'invalid', 'too_large', 'unknown_version')) return 'unreadable';
      throw error;
    });
  }

  async #readIn<File extends AnyStateFile>(
    tree: ObjectId,
    file: File,
    path: string,
  ): Promise<ValueOf<File> | undefined> {
    const id = await this.#blobIn(tree, path);
    if (id === undefined) return undefined;
    const key = `${file.path.template} ${id}`;
    const known = this.#source.parsed.get(key);
    if (known !== undefined) return known as ValueOf<File>;
    const content = await this.#source.run((objects) => objects.blob(id, file.maxBytes, path));
    if (!isUtf8(content)) {
      throw new LedgerError({ code: 'invalid', path, field: '', detail: 'is not UTF-8', cause: undefined });
    }
    const value = deepFreeze(fileValue(file, content.toString('utf8'), path));
    this.#source.parsed.set(key, value, { size: content.length * 4 || 1 });
    return value as ValueOf<File>;
  }

  /** The text of any file; undefined when it does not exist. @throws LedgerError `too_large`, `corrupt`. */
  async readText(path: string): Promise<string | undefined> {
    return (await this.#content(path, TEXT_LIMIT_BYTES))?.toString('utf8');
  }

  /**
   * Every file of a kind, sorted by path.
   *
   * @param where - Only files with these parameters, e.g. `{ round: 3 }`.
   */
  async list<File extends AnyStateFile>(
    file: File,
    where: Partial<ParamsOf<File>> = {},
  ): Promise<readonly ListedFile<File>[]> {
    const wanted = where as Readonly<Record<string, unknown>>;
    const segments = file.path.template
      .split('/')
      .map((segment) =>
        segment.replace(/\{(\w+)\}/g, (whole, name) => (name in wanted ? String(wanted[name]) : whole)),
      );
    const paths = await this.#source.run((objects) => matches(objects, this.#commit.tree, '', segments));
    return paths.sort().flatMap((path) => {
      const params = file.path.match(path) as ParamsOf<File> | undefined;
      if (params === undefined) return [];
      const read = async () => (await this.readFile(file, path)) as ValueOf<File>;
      return [{ path, params, read }];
    });
  }

  /**
   * When a file last changed, and by which commit; undefined when it does not exist. For a file that is written once,
   * the commit that announced it.
   */
  async changedAt<File extends AnyStateFile>(
    file: File,
    ...[params]: ParamArgs<File>
  ): Promise<ChangeRecord | undefined> {
    return this.#change('last', pathOf(file, params));
  }

  /** When a file was written first, and by which commit; undefined when it does not exist. */
  async firstChangedAt<File extends AnyStateFile>(
    file: File,
    ...[params]: ParamArgs<File>
  ): Promise<ChangeRecord | undefined> {
    return this.#change('first', pathOf(file, params));
  }

  async #change(which: WhichChange, path: string): Promise<ChangeRecord | undefined> {
    return (await this.blobId(path)) === undefined ? undefined : this.#source.fileChange(which, this.commit, path);
  }

  /**
   * A path's object id, which changes exactly with its content; undefined when there is no such file.
   *
   * @throws LedgerError `invalid` for a symbolic link or a submodule: what they hold is no content of the path's.
   */
  async blobId(path: string): Promise<ObjectId | undefined> {
    return this.#blobIn(this.#commit.tree, path);
  }

  async #blobIn(tree: ObjectId, path: string): Promise<ObjectId | undefined> {
    const entry = await this.#source.run((objects) => objects.entryAt(tree, path));
    if (entry === undefined || isFolder(entry)) return undefined;
    if (isFile(entry)) return entry.id;
    throw new LedgerError({ code: 'invalid', path, field: '', detail: 'is no plain file', cause: undefined });
  }

  /** Changes to be made to this state. */
  draft(): Draft {
    return new Draft(this);
  }

  /** The root tree, which new commits are built upon. */
  get tree(): ObjectId {
    return this.#commit.tree;
  }

  async #content(path: string, limitBytes: number): Promise<Buffer | undefined> {
    const id = await this.blobId(path);
    return id === undefined ? undefined : this.#source.run((objects) => objects.blob(id, limitBytes, path));
  }
}

/** The error that refuses files that no key vouches for. */
export function unvouchedError(unvouched: readonly UnvouchedFile[]): LedgerError {
  const [first] = unvouched;
  if (first === undefined) throw new RangeError('every file is vouched for');
  const paths = unvouched.map(({ path }) => path);
  const facts = { paths, commit: first.commit, detail: describeUnvouched(unvouched) };
  return new LedgerError({ code: 'unvouched', ...facts });
}

/**
 * Refuses a repository of another competition, and one whose format is newer than this software. A config.json that is
 * wrong in another way fails where it is read.
 *
 * @throws LedgerError `invalid` naming the field `competition`, `unknown_version`.
 */
export async function checkFormat(snapshot: Snapshot): Promise<void> {
  checkNamed(snapshot.competition, await readable(snapshot.readText(CONFIG_PATH)));
  await readable(snapshot.readVouched(snapshot.competition.files.config, {}));
}

async function readable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isFault(error, LedgerError, 'unknown_version')) throw error;
    return undefined;
  }
}

async function matches(
  objects: ObjectDatabase,
  root: ObjectId,
  folder: string,
  [segment, ...rest]: readonly string[],
): Promise<string[]> {
  if (segment === undefined) return [];
  const below = (name: string) => (folder === '' ? name : `${folder}/${name}`);
  const entries = await objects.folder(root, folder);
  const fitting = entries.filter(([name, entry]) => {
    if (isFolder(entry) !== rest.length > 0) return false;
    return segment.includes('{') || segment === name;
  });
  if (rest.length === 0) return fitting.map(([name]) => below(name));
  return (await Promise.all(fitting.map(([name]) => matches(objects, root, below(name), rest)))).flat();
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
