import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Content } from './interfaces.js';
import type { ReadContentOptions, ReadResult } from './read-content.js';
import { readContent } from './read-content.js';
import { fileFault } from './store-error.js';

/** Unfinished files of a process that died are removed when they are older than this. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/**
 * Writes content to a new file and returns when its bytes are on the disk; its name is not yet (see `syncFolder`).
 *
 * @throws StoreError `disk_full`, `io`, and those of `readContent`; the half-written file is left to the caller.
 */
export async function writeSynced(file: string, content: Content, options: ReadContentOptions): Promise<ReadResult> {
  const handle = await fileWork('create', file, () => open(file, 'wx', 0o644));
  try {
    const write = (chunk: Uint8Array) => fileWork('write', file, () => writeFile(handle, chunk));
    const result = await readContent(content, write, options);
    await fileWork('fsync', file, () => handle.sync());
    return result;
  } finally {
    await fileWork('close', file, () => handle.close());
  }
}

/** Makes the names within a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  await fileWork('fsync', folder, async () => {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Removes what dead processes left half written. Ages are compared within the file system's own clock. */
export async function removeAbandoned(incoming: string): Promise<void> {
  const probe = path.join(incoming, `${process.pid}-${randomUUID()}`);
  await fileWork('create', probe, () => writeFile(probe, ''));
  const now = (await fileWork('stat', probe, () => stat(probe))).mtimeMs;
  await fileWork('unlink', probe, () => rm(probe));
  for (const name of await fileWork('readdir', incoming, () => readdir(incoming))) {
    const file = path.join(incoming, name);
    const found = await stat(file).catch(() => undefined); // another process may have finished with it
    if (found && now - found.mtimeMs > ABANDONED_MS) await fileWork('unlink', file, () => rm(file, { force: true }));
  }
}

/** Runs one operation on a file and turns what it throws into a coded error. */
export async function fileWork<T>(operation: string, file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFault(error, operation, file);
  }
}
