import { execFile } from 'node:child_process';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type TransferEnd, watchTransfer } from '@tiltyard/git';
import { describe, expect, it, vi } from 'vitest';
import { scratchDir } from '../../../../test-support/scratch-dir.js';
import { realRemote } from '../support/real-remote.js';

const exec = promisify(execFile);
const MEGABYTE = 2 ** 20;

/** Waits until a watch has ended what it watches. */
const ended = (end: ReturnType<typeof vi.fn>) => vi.waitFor(() => expect(end).toHaveBeenCalled(), { timeout: 50_000 });

describe('a transfer', () => {
  it('is ended before it fills the disk, and not for what is small', async (test) => {
    await using scratch = await scratchDir();
    const mounted = await exec('mount', ['-t', 'tmpfs', '-o', 'size=260m', 'tmpfs', scratch.path]).catch(
      () => undefined,
    );
    if (mounted === undefined) return test.skip('needs the right to mount a tmpfs');
    try {
      const end = vi.fn<(why: TransferEnd) => void>();
      using _ = watchTransfer(scratch.path, end);
      await writeFile(path.join(scratch.path, 'small'), Buffer.alloc(8 * MEGABYTE));
      await sleep(1_000);
      expect(end).not.toHaveBeenCalled();
      await writeFile(path.join(scratch.path, 'pack'), Buffer.alloc(32 * MEGABYTE));
      await ended(end);
      expect(end.mock.calls[0]).toEqual(['disk_full']);
    } finally {
      await exec('umount', ['-l', scratch.path]);
    }
  });

  it('that takes gigabytes is ended, however much is free', async (test) => {
    await using scratch = await scratchDir();
    const end = vi.fn<(why: TransferEnd) => void>();
    using _ = watchTransfer(scratch.path, end);
    const allocated = await exec('fallocate', ['-l', '3G', path.join(scratch.path, 'pack')]).catch(() => undefined);
    if (allocated === undefined) return test.skip('needs 3 GB of free disk');
    await ended(end);
    expect(end.mock.calls[0]).toEqual(['too_much_transferred']);
  });

  it('that was cut short leaves nothing behind', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    await using ledger = await remote.ledger('judge-service', { dir, patienceMs: 100 });
    const left = ['pack/tmp_pack_a1b2c3', '17/tmp_obj_d4e5f6'].map((name) => path.join(dir, 'objects', name));
    await mkdir(path.join(dir, 'objects', '17'), { recursive: true });
    for (const file of left) await writeFile(file, 'half of it');
    // The remote tells its tip, and breaks off when that is fetched: an object is gone.
    const tip = await remote.meddle('README.md', 'more\n');
    const object = path.join(remote.dir, 'objects', tip.slice(0, 2), tip.slice(2));
    await rename(object, `${object}.gone`);
    await expect(ledger.snapshot()).rejects.toMatchObject({ code: 'unreachable' });
    for (const file of left) await expect(access(file)).rejects.toMatchObject({ code: 'ENOENT' });
    await rename(`${object}.gone`, object);
    expect((await ledger.snapshot()).commit).toBe(tip);
  });
});
