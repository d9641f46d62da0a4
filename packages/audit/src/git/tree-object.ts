import { GIT_LIMITS } from '@tiltyard/ledger';

/** One entry of a git tree. */
export interface TreeEntry {
  /** What it is: git reads a mode as the nearest of those that it writes. */
  readonly kind: 'folder' | 'file' | 'executable' | 'link' | 'submodule';
  readonly id: string;
}

/** A folder as a git tree has it. */
export interface GitTree {
  /** By names as latin1 views of the stored bytes, so that no two names are taken for one. */
  readonly entries: ReadonlyMap<string, TreeEntry>;
  /** What git would not have written; empty for a sound tree. Of two entries of one name the first counts. */
  readonly faults: readonly string[];
  /** Set where nothing of it was read. */
  readonly isUnread?: true;
}

export const EMPTY_TREE: GitTree = { entries: new Map(), faults: [] };

const ID_BYTES = 20;
const MAX_FAULTS = 5;
const BLANK = 0x20;

/**
 * Reads a tree object's content. Never fails: what cannot be read is told as a fault. Faults are what two readers could take for
 * two different folders: a name that stands twice, an order in which a reader that looks a name up misses it.
 */
export function parseGitTree(content: Buffer): GitTree {
  const entries = new Map<string, TreeEntry>();
  const faults: string[] = [];
  const fault = (detail: string) => {
    if (faults.length < MAX_FAULTS) faults.push(detail);
  };
  let before = '';
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(BLANK, at);
    const zero = blank < 0 ? -1 : content.indexOf(0, blank + 1);
    const end = zero + 1 + ID_BYTES;
    const kind = blank - at > 8 ? undefined : kindOf(content.toString('latin1', at, blank));
    if (blank < 0 || zero < 0 || end > content.length || kind === undefined) {
      fault('is cut short, or no tree');
      break;
    }
    if (zero - blank - 1 > GIT_LIMITS.nameBytes) {
      fault(`holds a name of ${zero - blank - 1} bytes, which is passed over`);
      at = end;
      continue;
    }
    const name = content.toString('latin1', blank + 1, zero);
    const key = kind === 'folder' ? `${name}/` : name;
    if (entries.has(name)) fault(`holds ${quoted(name)} twice`);
    else if (name === '' || name === '.' || name === '..' || name.includes('/'))
      fault(`holds the name ${quoted(name)}`);
    else {
      if (key < before) fault(`is not in git's order at ${quoted(name)}`);
      entries.set(name, { kind, id: content.toString('hex', zero + 1, end) });
    }
    before = key;
    at = end;
  }
  return { entries, faults };
}

/** A tree entry's name as text. */
export function entryName(name: string): string {
  // Nearly all are ASCII, which is the same in both.
  return /^[\x20-\x7e]*$/.test(name) ? name : Buffer.from(name, 'latin1').toString('utf8');
}

function kindOf(mode: string): TreeEntry['kind'] | undefined {
  if (mode === '100644') return 'file';
  if (mode === '40000') return 'folder';
  if (!/^[0-7]+$/.test(mode)) return undefined;
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

function quoted(name: string): string {
  return JSON.stringify(entryName(name).slice(0, 100));
}
