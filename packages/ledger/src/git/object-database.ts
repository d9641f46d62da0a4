import {
  type Commit,
  entryName,
  FILE_MODE,
  FOLDER_MODE,
  formatTree,
  frameObject,
  GIT_LIMITS,
  isFolder,
  type ObjectAnswer,
  type ObjectId,
  ObjectReader,
  type ObjectType,
  parseCommit,
  parseTree,
  type Tree,
  type TreeEntry,
  treeNames,
  writeLooseObject,
} from '@tiltyard/git';
import { LRUCache } from 'lru-cache';
import { LedgerError, ofLedger } from '../ledger-error.js';

const CACHE_BYTES = 32 * 1024 * 1024;

/** The objects of one clone: cached reads of trees and commits, files by path, and new trees. */
export class ObjectDatabase implements AsyncDisposable {
  readonly #reader: ObjectReader;
  readonly #trees = new LRUCache<ObjectId, Tree>({ maxSize: CACHE_BYTES });
  readonly #commits = new LRUCache<ObjectId, Commit>({ maxSize: CACHE_BYTES / 8 });

  constructor(
    readonly dir: string,
    env: Readonly<Record<string, string>>,
  ) {
    this.#reader = new ObjectReader(dir, { env });
  }

  /** The reading process's id, for tests that end it. */
  get readerPid(): number | undefined {
    return this.#reader.pid;
  }

  /** The object that a ref points at; undefined when there is no such ref. */
  async resolve(ref: string): Promise<ObjectId | undefined> {
    const object = await this.#read(ref, GIT_LIMITS.structureBytes);
    return object.kind === 'missing' ? undefined : object.id;
  }

  /** A commit. @throws LedgerError `corrupt`; `malformed` also for one that is past a limit. */
  async commit(id: ObjectId): Promise<Commit> {
    const known = this.#commits.get(id);
    if (known !== undefined) return known;
    const { content } = await this.#structure(id, 'commit');
    const commit = parsed(id, content, parseCommit);
    // Message, and the bytes that are signed.
    this.#commits.set(id, commit, { size: content.length * 2 });
    return commit;
  }

  /** A tree. @throws LedgerError `corrupt`; `malformed` also for one that is past a limit. */
  async tree(id: ObjectId): Promise<Tree> {
    const known = this.#trees.get(id);
    if (known !== undefined) return known;
    const { content } = await this.#structure(id, 'tree');
    const tree = parsed(id, content, parseTree);
    this.#trees.set(id, tree, { size: content.length * 4 || 1 });
    return tree;
  }

  /**
   * A file's content.
   *
   * @param path - Only named in the error.
   * @throws LedgerError `corrupt`, `malformed`; `too_large` above `limitBytes`.
   */
  async blob(id: ObjectId, limitBytes: number, path: string): Promise<Buffer> {
    const object = await this.#read(id, limitBytes);
    if (object.kind === 'missing') throw missing(id);
    if (object.kind === 'too_large') {
      throw new LedgerError({ code: 'too_large', path, sizeBytes: object.sizeBytes, limitBytes });
    }
    if (object.type !== 'blob') throw malformed(id, `a ${object.type} where a file should be`);
    return object.content;
  }

  /** What stands at a path below a tree; undefined when nothing does. */
  async entryAt(root: ObjectId, path: string): Promise<TreeEntry | undefined> {
    let entry: TreeEntry = { mode: FOLDER_MODE, id: root };
    for (const name of treeNames(path)) {
      if (!isFolder(entry)) return undefined;
      const next = (await this.tree(entry.id)).get(name);
      if (next === undefined) return undefined;
      entry = next;
    }
    return entry;
  }

  /** The names in a folder of a tree, with their entries; empty when there is no such folder. */
  async folder(root: ObjectId, path: string): Promise<readonly (readonly [string, TreeEntry])[]> {
    const entry = path === '' ? { mode: FOLDER_MODE, id: root } : await this.entryAt(root, path);
    if (entry === undefined || !isFolder(entry)) return [];
    return [...(await this.tree(entry.id))].map(([name, found]) => [entryName(name), found] as const);
  }

  /** Writes an object and returns its name. @throws LedgerError `local_io`. */
  async write(type: ObjectType, content: Buffer): Promise<ObjectId> {
    const object = frameObject(type, content);
    await ofLedger(writeLooseObject(this.dir, object));
    return object.id;
  }

  /**
   * Writes the tree that results from putting files into another tree; everything else in it stays.
   *
   * @param root - The tree to start from; undefined for an empty one.
   * @param files - Contents by path.
   * @throws LedgerError `local_io`, `corrupt`.
   */
  async writeTree(root: ObjectId | undefined, files: ReadonlyMap<string, Buffer>): Promise<ObjectId> {
    const nested: Folder = new Map();
    for (const [path, content] of files) put(nested, treeNames(path), content);
    return this.#writeFolder(root, nested);
  }

  async #writeFolder(base: ObjectId | undefined, changes: Folder): Promise<ObjectId> {
    const old = base === undefined ? new Map<string, TreeEntry>() : await this.tree(base);
    const written = await Promise.all(
      [...changes].map(async ([name, change]): Promise<readonly [string, TreeEntry]> => {
        if (Buffer.isBuffer(change)) return [name, { mode: FILE_MODE, id: await this.write('blob', change) }];
        const below = old.get(name);
        const folder = below !== undefined && isFolder(below) ? below.id : undefined;
        return [name, { mode: FOLDER_MODE, id: await this.#writeFolder(folder, change) }];
      }),
    );
    const tree = new Map([...old, ...written]);
    const content = formatTree(tree);
    const id = await this.write('tree', content);
    this.#trees.set(id, tree, { size: content.length * 4 || 1 });
    return id;
  }

  async #read(name: string, limitBytes: number): Promise<ObjectAnswer> {
    return await ofLedger(this.#reader.read(name, limitBytes));
  }

  async #structure(id: ObjectId, type: ObjectType): Promise<{ readonly content: Buffer }> {
    const limit = GIT_LIMITS.structureBytes;
    const object = await this.#read(id, limit);
    if (object.kind === 'missing') throw missing(id);
    if (object.kind === 'too_large') throw malformed(id, `it has ${object.sizeBytes} bytes, at most ${limit} are read`);
    if (object.type !== type) throw malformed(id, `a ${object.type} where a ${type} should be`);
    return object;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
    this.#trees.clear();
    this.#commits.clear();
  }
}

type Folder = Map<string, Folder | Buffer>;

function put(folder: Folder, [name, ...rest]: readonly string[], content: Buffer): void {
  if (name === undefined) return;
  if (rest.length === 0) {
    folder.set(name, content);
    return;
  }
  const below = folder.get(name);
  const next: Folder = below instanceof Map ? below : new Map();
  folder.set(name, next);
  put(next, rest, content);
}

function parsed<T>(id: ObjectId, content: Buffer, parse: (content: Buffer) => T): T {
  try {
    return parse(content);
  } catch (error) {
    throw malformed(id, (error as Error).message);
  }
}

function missing(id: ObjectId): LedgerError {
  return corrupt(id, 'the object is missing');
}

/** An object that has the hash that names it is as it was published: cloning again would bring the same. */
function malformed(object: ObjectId, detail: string): LedgerError {
  return new LedgerError({ code: 'malformed', object, detail });
}

function corrupt(object: ObjectId, detail: string): LedgerError {
  return new LedgerError({ code: 'corrupt', object, detail });
}
