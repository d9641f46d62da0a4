import { entryName, isFolder, type ObjectId, type TreeEntry } from '@tiltyard/git';
import type { ObjectDatabase } from '../git/object-database.js';

/** Entries of a commit that are looked at. Services change some hundreds; a commit that changes more hides something. */
const MAX_CHANGED_ENTRIES = 50_000;

/** More entries differ between two trees than are looked through. */
export class TooManyChanges extends Error {
  override readonly name = 'TooManyChanges';
}

/**
 * The files that differ between two trees, in the root and in folders that are to be entered: their content, what they are, or whether they are
 * there at all. Folders that are the same are not entered.
 *
 * @throws TooManyChanges; LedgerError `corrupt`, `malformed`, `too_large`.
 */
export async function changedFiles(
  objects: ObjectDatabase,
  before: ObjectId,
  after: ObjectId,
  isEntered: (folder: string) => boolean,
  maxEntries = MAX_CHANGED_ENTRIES,
): Promise<readonly string[]> {
  const changed: string[] = [];
  let entries = 0;

  async function compare(folder: string, left: ObjectId | undefined, right: ObjectId | undefined): Promise<void> {
    const none: ReadonlyMap<string, TreeEntry> = new Map();
    const old = left === undefined ? none : await objects.tree(left);
    const now = right === undefined ? none : await objects.tree(right);
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      const [from, to] = [old.get(name), now.get(name)];
      if (isSameEntry(from, to)) continue;
      entries += 1;
      if (entries > maxEntries) throw new TooManyChanges(`more than ${maxEntries} files were changed at once`);
      const path = folder === '' ? entryName(name) : `${folder}/${entryName(name)}`;
      const [fromFolder, toFolder] = [from, to].map((entry) => (entry && isFolder(entry) ? entry.id : undefined));
      if ((from && fromFolder === undefined) || (to && toFolder === undefined)) changed.push(path);
      if ((fromFolder !== undefined || toFolder !== undefined) && isEntered(path)) {
        await compare(path, fromFolder, toFolder);
      }
    }
  }

  await compare('', before, after);
  return changed;
}

/** Whether two entries are one: the same content, and the same kind of thing. */
export function isSameEntry(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  return a?.id === b?.id && a?.mode === b?.mode;
}
