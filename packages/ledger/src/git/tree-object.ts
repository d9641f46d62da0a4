import { GIT_LIMITS } from './git-limits.js';
import type { ObjectId } from './object-format.js';

/** One entry of a git tree. */
export interface TreeEntry {
  /** Octal mode as git writes it: `40000` a folder, `100644` a file. */
  readonly mode: string;
  readonly id: ObjectId;
}

/**
 * A folder's entries by name. Names are latin1 views of the stored bytes, so that any name survives a rewrite and
 * string order is byte order.
 */
export type Tree = ReadonlyMap<string, TreeEntry>;

export const FOLDER_MODE = '40000';
export const FILE_MODE = '100644';

const ID_BYTES = 20;

/** Whether an entry is a folder. */
export function isFolder(entry: TreeEntry): boolean {
  return entry.mode === FOLDER_MODE;
}

/** Whether an entry is a plain file: no symbolic link, no other repository. */
export function isFile(entry: TreeEntry): boolean {
  return entry.mode.startsWith('100');
}

/**
 * Reads a tree object's content.
 *
 * @throws RangeError when it is cut short or holds a name past the limit, and when two readers could take it for two different folders: where a name
 *   stands twice, which file is meant depends on who looks.
 */
export function parseTree(content: Buffer): Tree {
  const entries = new Map<string, TreeEntry>();
  let at = 0;
  while (at < content.length) {
    const blank = content.indexOf(0x20, at);
    const zero = content.indexOf(0, blank + 1);
    const end = zero + 1 + ID_BYTES;
    if (blank < 0 || zero < 0 || end > content.length) throw new RangeError('a tree object is cut short');
    if (zero - blank - 1 > GIT_LIMITS.nameBytes) {
      throw new RangeError(`a name has ${zero - blank - 1} bytes, at most ${GIT_LIMITS.nameBytes} are read`);
    }
    const name = content.toString('latin1', blank + 1, zero);
    if (entries.has(name)) throw new RangeError(`${JSON.stringify(name.slice(0, 100))} stands in one folder twice`);
    // Some tools write a folder's mode with a zero in front, which git reads over.
    const mode = content.toString('latin1', at, blank).replace(/^0+/, '');
    entries.set(name, { mode, id: content.toString('hex', zero + 1, end) });
    at = end;
  }
  return entries;
}

/** Writes a tree object's content. Git orders entries by their bytes, a folder's name counted with a final slash. */
export function formatTree(tree: Tree): Buffer {
  const sorted = [...tree]
    .map(([name, entry]) => ({ name, entry, key: isFolder(entry) ? `${name}/` : name }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return Buffer.concat(
    sorted.flatMap(({ name, entry }) => [
      Buffer.from(`${entry.mode} ${name}\0`, 'latin1'),
      Buffer.from(entry.id, 'hex'),
    ]),
  );
}

/** A path's segments as tree entries name them. */
export function treeNames(path: string): readonly string[] {
  return path.split('/').map((segment) => Buffer.from(segment, 'utf8').toString('latin1'));
}

/** A tree entry's name as text. */
export function entryName(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}
