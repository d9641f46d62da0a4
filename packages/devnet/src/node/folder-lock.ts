import { closeSync, openSync, readFileSync, realpathSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import { DevnetError } from '../errors.js';

/** Holds a folder for one chain. */
export type FolderLock = Disposable;

/** Folders that this process holds: a lock file with our own pid that is not among them is a dead namesake's. */
const held = new Set<string>();

/** Takes a folder, over from an owner that no longer lives. Throws DevnetError `folder_in_use`. */
export function lockFolder(given: string): FolderLock {
  const folder = realpathSync(given);
  const file = path.join(folder, 'chain.lock');
  const owner = readOwner(file);
  if (held.has(folder) || (owner !== undefined && owner !== process.pid && isAlive(owner))) {
    throw new DevnetError({ code: 'folder_in_use', folder, pid: owner ?? process.pid });
  }
  if (owner !== undefined) unlinkSync(file);
  create(file, folder);
  held.add(folder);
  return {
    [Symbol.dispose]() {
      held.delete(folder);
      unlinkSync(file);
    },
  };
}

function create(file: string, folder: string): void {
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, String(process.pid));
    closeSync(handle);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
    // Another process took it between our look and now.
    throw new DevnetError({ code: 'folder_in_use', folder, pid: readOwner(file) ?? 0 });
  }
}

/** The pid in a lock file; 0, which no process has, where the file is torn; undefined where there is none. */
function readOwner(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(pid) ? pid : 0;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
