import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A small file system of its own, seen by the command alone and gone with it. */
function onSmallDisk(dir: string, command: readonly string[]) {
  const script = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"';
  return spawnSync('unshare', ['-Urm', 'sh', '-c', script, dir, ...command], { encoding: 'utf8', timeout: 30_000 });
}

const canMount = onSmallDisk('/mnt', ['true']).status === 0;

describe.skipIf(!canMount)('a filesystem store on a full disk (needs unshare with user and mount namespaces)', () => {
  it('refuses to write with a coded error, leaves nothing behind, and still reads', async () => {
    await using folder = await temporaryFolder();
    const child = fileURLToPath(new URL('../support/full-disk-child.mjs', import.meta.url));
    const { stdout, stderr } = onSmallDisk(folder.dir, [process.execPath, child, `${folder.dir}/objects`]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      large: 'disk_full',
      incoming: [],
      filler: 'stored',
      read: 1000,
      again: 'disk_full',
    });
  });
});
