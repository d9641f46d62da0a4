import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { GitError, localIoFault } from './git-error.js';
import type { FramedObject } from './object-format.js';

const compress = promisify(deflate);

/**
 * Writes an object into a repository as a loose object.
 *
 * In our own process, because a git process for every blob and tree would cost more than the push itself. The order is
 * git's: a temporary file is filled and synced, then renamed to the object's name, so that a crash at any call leaves
 * either the whole object or a `tmp_obj_*` file, which `git gc` removes.
 *
 * @throws GitError `local_io` when the disk refuses.
 */
export async function writeLooseObject(repository: string, { id, framed }: FramedObject): Promise<void> {
  const folder = path.join(repository, 'objects', id.slice(0, 2));
  const target = path.join(folder, id.slice(2));
  if (await exists(target)) return;
  const temporary = path.join(folder, `tmp_obj_${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(temporary, 'wx', 0o444);
    try {
      await file.writeFile(await compress(framed));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    // Best effort: what is left behind is swept by git gc.
    await rm(temporary, { force: true }).catch(() => {});
    throw new GitError(localIoFault('writing an object', error));
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}
