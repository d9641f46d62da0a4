import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Removes git's lock files that no process can own any more.
 *
 * One process owns a clone and runs one git command at a time there, each bounded. A lock that is older than that
 * process, or than any command of it can be, was left by one that was killed.
 *
 * @param olderThan - Locks last touched before this instant are stale.
 * @returns the removed files, relative to the clone.
 */
export async function removeStaleLocks(dir: string, olderThan: Date): Promise<readonly string[]> {
  const removed: string[] = [];
  // Locks are next to refs and files of the repository's root; object folders hold only those of packs' metadata.
  for (const folder of ['', 'objects/info', 'objects/pack']) {
    for (const name of await names(path.join(dir, folder))) await consider(path.join(folder, name));
  }
  await walk('refs');
  return removed;

  async function walk(folder: string): Promise<void> {
    for (const entry of await readdir(path.join(dir, folder), { withFileTypes: true }).catch(() => [])) {
      const below = path.join(folder, entry.name);
      if (entry.isDirectory()) await walk(below);
      else await consider(below);
    }
  }

  async function consider(file: string): Promise<void> {
    if (!file.endsWith('.lock')) return;
    const touched = await stat(path.join(dir, file)).catch(() => undefined);
    if (touched === undefined || !touched.isFile() || touched.mtime >= olderThan) return;
    await rm(path.join(dir, file), { force: true });
    removed.push(file);
  }
}

async function names(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
