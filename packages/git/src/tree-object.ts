import { GIT_LIMITS } from './git-limits.js';
import type { ObjectId } from './object-format.js';

/** One entry of a git tree. */
export interface TreeEntry {
  /** Octal mode as git writes it: `40000` a folder, `100644` a file. */
  readonly mode: string;
  readonly id: ObjectId;
}

/** What an entry is: git reads a mode as the nearest of those that it writes. */
export type EntryKind = 'folder' | 'file' | 'executable' | 'link' | 'submodule';

/**
 * A folder's entries by name. Names are latin1 views of the stored bytes, so that no two names are taken for one, any
 * name survives a rewrite, and string order is byte order.
 */
export type Tree = ReadonlyMap<string, TreeEntry>;

/** A folder as a stranger's tree object has it. */
export interface ReadTree {
  /** Of two entries of one name the first counts. */
  readonly entries: Tree;
  /** What git would not have written; empty for a sound tree. */
  readonly faults: readonly string[];
  /** True where two readers could take what it holds for two different folders, or what it holds is not all read. */
  readonly isAmbiguous: boolean;
}

export const FOLDER_MODE = '40000';
export const FILE_MODE = '100644';
export const EMPTY_TREE: ReadTree = { entries: new Map(), faults: [], isAmbiguous: false };

const ID_BYTES = 20;
const MAX_FAULTS = 5;
const BLANK = 0x20;

/** What an entry is; undefined for a mode that is none. */
export function entryKind({ mode }: Pick<TreeEntry, 'mode'>): EntryKind | undefined {
  if (mode === FILE_MODE) return 'file';
  if (mode === FOLDER_MODE) return 'folder';
  if (!/^[0-7]{1,8}$/.test(mode)) return undefined;
  const bits = Number.parseInt(mode, 8);
  switch (bits & 0o170000) {
    case 0o100000:
      return (bits & 0o100) === 0 ? 'file' : 'executable';
    case 0o120000:
      return 'link';
    case 0o040000:
      return 'folder';
    default:
      return 'submodule';
  }
}

/** Whether an entry is a folder. */
export function isFolder(entry: TreeEntry): boolean {
  return entryKind(entry) === 'folder';
}

/** Whether an entry is a plain file: no symbolic link, no other repository. */
export function isFile(entry: TreeEntry): boolean {
  const kind = entryKind(entry);
  return kind === 'file' || kind === 'executable';
}

/**
 * Reads a tree object's content. Never fails: what cannot be read is a fault, and so is an order in which a reader that
 * looks a name up misses it.
 */
export function readTree(content: Buffer): ReadTree {
  const entries = new Map<string, TreeEntry>();
  const faults: string[] = [];
  let isAmbiguous = false;
  const fault = (detail: string) => {
    if (faults.length < MAX_FAULTS) faults.push(detail);
  };
  const doubt = (detail: string) => {
    isAmbiguous = true;
    fault(detail);
  };
  let before = '';
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(BLANK, at);
    const zero = blank < 0 ? -1 : content.indexOf(0, blank + 1);
    const end = zero + 1 + ID_BYTES;
    // Some tools write a folder's mode with a zero in front, which git reads over.
    const mode = blank - at > 8 ? '' : withoutZeros(content.toString('latin1', at, blank));
    const kind = entryKind({ mode });
    if (blank < 0 || zero < 0 || end > content.length || kind === undefined) {
      doubt('is cut short, or no tree');
      break;
    }
    if (zero - blank - 1 > GIT_LIMITS.nameBytes) {
      doubt(`holds a name of ${zero - blank - 1} bytes, which is passed over`);
      at = end;
      continue;
    }
    const name = content.toString('latin1', blank + 1, zero);
    const key = kind === 'folder' ? `${name}/` : name;
    if (entries.has(name)) doubt(`holds ${quoted(name)} twice`);
    else if (name === '' || name === '.' || name === '..' || name.includes('/'))
      doubt(`holds the name ${quoted(name)}`);
    else {
      if (key < before) fault(`is not in git's order at ${quoted(name)}`);
      entries.set(name, { mode, id: content.toString('hex', zero + 1, end) });
    }
    before = key;
    at = end;
  }
  return { entries, faults, isAmbiguous };
}

/**
 * Reads a tree object's content.
 *
 * @throws RangeError when it is cut short or holds a name past the limit, and when two readers could take it for two
 *   different folders: where a name stands twice, which file is meant depends on who looks.
 */
export function parseTree(content: Buffer): Tree {
  const { entries, faults, isAmbiguous } = readTree(content);
  if (isAmbiguous) throw new RangeError(`the folder ${faults.join('; ')}`);
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
  // Nearly all are ASCII, which is the same in both.
  return /^[\x20-\x7e]*$/.test(name) ? name : Buffer.from(name, 'latin1').toString('utf8');
}

function withoutZeros(mode: string): string {
  return mode.startsWith('0') ? mode.replace(/^0+(.)/, '$1') : mode;
}

function quoted(name: string): string {
  return JSON.stringify(entryName(name).slice(0, 100));
}
