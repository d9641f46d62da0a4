import { EMPTY_TREE, entryKind, entryName, isFile, isFolder, type TreeEntry } from '@tiltyard/git';
import { type OtherFileCount, OtherFileCounter } from './other-file-count.js';
import type { AuditedPath, Paths } from './paths.js';
import type { Folder, TreeReader } from './tree-reader.js';

/** One state file that a commit added, changed or deleted. */
export interface RawChange {
  readonly path: string;
  readonly known: AuditedPath;
  /** The blob after the commit; null where there is none. */
  readonly newBlob: string | null;
  /** False for a symbolic link or a submodule: such a thing is no state file. */
  readonly isFile: boolean;
  /** Set where the folder could not be read before: then it may be that nothing changed. */
  readonly mayBeSame?: true;
}

/** What differs between two trees. */
export interface TreeChanges {
  readonly changes: readonly RawChange[];
  /** Data files that differ and that the table does not have, by kind and round. */
  readonly others: readonly OtherFileCount[];
  /** What is wrong with the folders that were looked into, as sentences without an end. */
  readonly faults: readonly string[];
}

/** How much of one commit is looked at. A tree may name itself so often that a few hundred bytes stand for billions of files. */
const TREE_LIMITS = {
  /** Changed state files and their folders. A service changes some hundred; years in one commit are some ten thousand. */
  state: 100_000,
  /** Other changed files and folders. */
  others: 50_000,
  /** Folders in folders. */
  depth: 32,
  /** What is told of faulty trees. */
  faults: 20,
} as const;

/**
 * What differs between two trees, in git's order of paths. Only folders that differ are read.
 *
 * @param before - The tree of the commit before; undefined for the first one.
 * @throws GitError `corrupt`.
 */
export async function treeChanges(
  reader: TreeReader,
  before: string | undefined,
  after: string,
  paths: Paths,
): Promise<TreeChanges> {
  const walk = new TreeWalk(reader, paths);
  if (before !== after) await walk.folder('', before, after);
  return walk;
}

class TreeWalk implements TreeChanges {
  readonly changes: RawChange[] = [];
  readonly faults: string[] = [];
  readonly #others: OtherFileCounter;
  readonly #seen = { state: 0, others: 0 };

  constructor(
    readonly reader: TreeReader,
    readonly paths: Paths,
  ) {
    this.#others = new OtherFileCounter(paths);
  }

  get others(): readonly OtherFileCount[] {
    return this.#others.counts;
  }

  /** @param path - With a slash at its end, but for the outermost folder. */
  async folder(path: string, before: string | undefined, after: string | undefined, depth = 0): Promise<void> {
    if (depth > TREE_LIMITS.depth) {
      if (after !== undefined) this.#fault(path, `lies more than ${TREE_LIMITS.depth} folders deep`);
      return;
    }
    const [old, next] = await Promise.all([this.#tree(before), this.#tree(after)]);
    for (const fault of next.faults) this.#fault(path, fault);
    // What it holds is taken to be what it held.
    if (next.isUnread === true) return;
    const mayBeSame = old.isUnread === true ? { mayBeSame: true as const } : {};
    for (const name of namesOf(old, next)) {
      const [was, is] = [old.entries.get(name), next.entries.get(name)];
      if (was?.id === is?.id && isSameKind(was, is)) continue;
      const at = `${path}${entryName(name)}`;
      const [oldFolder, newFolder] = [folderOf(was), folderOf(is)];
      const [oldFile, newFile] = [fileOf(was), fileOf(is)];
      if (oldFile !== undefined || newFile !== undefined) this.#file(at, oldFile, newFile, mayBeSame);
      if (oldFolder === undefined && newFolder === undefined) continue;
      if (this.#isTooMuch(this.paths.folders.test(at) ? 'state' : 'others')) continue;
      await this.folder(`${at}/`, oldFolder, newFolder, depth + 1);
    }
  }

  #tree(id: string | undefined): Promise<Folder> | Folder {
    return id === undefined ? EMPTY_TREE : this.reader.tree(id);
  }

  #file(path: string, was: TreeEntry | undefined, is: TreeEntry | undefined, more: Pick<RawChange, 'mayBeSame'>): void {
    const known = this.paths.known(path);
    if (this.#isTooMuch(known === undefined ? 'others' : 'state')) return;
    if (known === undefined) {
      this.#others.take(path, was === undefined ? 'A' : is === undefined ? 'D' : 'M');
      return;
    }
    this.changes.push({ path, known, newBlob: is?.id ?? null, isFile: is !== undefined && isFile(is), ...more });
  }

  /** Counts a file or folder that differs. What is no state takes nothing away from what is. */
  #isTooMuch(what: 'state' | 'others'): boolean {
    this.#seen[what] += 1;
    const limit = TREE_LIMITS[what];
    if (this.#seen[what] <= limit) return false;
    if (this.#seen[what] === limit + 1) {
      const files = what === 'state' ? 'state files and their folders' : 'files and folders beside the state';
      this.faults.push(`more than ${limit} ${files} differ: the others are not looked at`);
    }
    return true;
  }

  #fault(path: string, detail: string): void {
    if (this.faults.length >= TREE_LIMITS.faults) return;
    this.faults.push(`${path === '' ? 'the outermost folder' : path.slice(0, 200)} ${detail}`);
  }
}

function isSameKind(was: TreeEntry | undefined, is: TreeEntry | undefined): boolean {
  return was?.mode === is?.mode || (was !== undefined && is !== undefined && entryKind(was) === entryKind(is));
}

function folderOf(entry: TreeEntry | undefined): string | undefined {
  return entry !== undefined && isFolder(entry) ? entry.id : undefined;
}

function fileOf(entry: TreeEntry | undefined): TreeEntry | undefined {
  return entry !== undefined && isFolder(entry) ? undefined : entry;
}

/** The names of both folders, in order. */
function namesOf(old: Folder, next: Folder): Iterable<string> {
  if (old.entries.size === 0) return next.entries.keys();
  const gone: string[] = [];
  for (const name of old.entries.keys()) if (!next.entries.has(name)) gone.push(name);
  return gone.length === 0 ? next.entries.keys() : [...next.entries.keys(), ...gone].sort();
}
