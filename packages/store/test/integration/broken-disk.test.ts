import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HttpUrl } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { CONTENT_TYPES, contentKey, openFilesystemStore, sha256Of } from '../../src/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const CHILD = fileURLToPath(new URL('../support/one-put-child.mjs', import.meta.url));
const RENAMES = 'rename,renameat,renameat2';
const KEY = contentKey(sha256Of('one object'), CONTENT_TYPES.txt);

/** Stores one object in a process whose system calls are traced, and may be made to fail. */
function tracedPut(dir: string, ...options: readonly string[]) {
  return spawnSync('strace', ['-f', '-qq', ...options, process.execPath, CHILD, dir], {
    encoding: 'utf8',
    timeout: 60_000,
  });
}

const canTrace = spawnSync('strace', ['-e', `trace=${RENAMES}`, 'true']).status === 0;

describe.skipIf(!canTrace)('a filesystem store on a failing disk (needs strace)', () => {
  it('syncs the object before its name, and its name before it says so', async () => {
    await using folder = await temporaryFolder();
    const trace = path.join(folder.dir, 'trace');
    const dir = path.join(folder.dir, 'objects');
    const { stdout } = tracedPut(dir, '-y', '-o', trace, '-e', `trace=${RENAMES},fsync,fdatasync,write`);
    expect(JSON.parse(stdout)).toEqual({ code: 'stored' });
    const steps = (await readFile(trace, 'utf8')).split('\n').flatMap((line) => stepOf(line, dir));
    expect(steps).toEqual([
      'write incoming',
      'fsync incoming',
      `rename to ${KEY}`,
      `fsync ${path.dirname(KEY)}`,
      'fsync sha256',
      'fsync ',
      'say stored',
    ]);
  });

  it.each([
    ['fsync', 'fsync'],
    [RENAMES, 'rename'],
  ])('stores nothing and says why when %s fails', async (calls, operation) => {
    await using folder = await temporaryFolder();
    const { stdout } = tracedPut(folder.dir, '-o', '/dev/null', '-e', `inject=${calls}:error=EIO`);
    expect(JSON.parse(stdout)).toEqual({ code: 'io', operation });
    const store = await openFilesystemStore({ dir: folder.dir, publicUrl: HttpUrl.parse('http://127.0.0.1:1') });
    expect(await store.has(KEY)).toBe(false);
  });

  it.each([
    ['before it is synced', 'fsync'],
    ['before it has its name', RENAMES],
  ])('shows nothing of an object whose writer was killed %s, and stores it the next time', async (_when, calls) => {
    await using folder = await temporaryFolder();
    const { stdout } = tracedPut(folder.dir, '-o', '/dev/null', '-e', `inject=${calls}:error=EIO:signal=KILL`);
    expect(stdout).toBe('');
    const store = await openFilesystemStore({ dir: folder.dir, publicUrl: HttpUrl.parse('http://127.0.0.1:1') });
    expect(await store.has(KEY)).toBe(false);
    await store.put(Buffer.from('one object'), { contentType: CONTENT_TYPES.txt, maxBytes: 100 });
    expect(await store.has(KEY)).toBe(true);
  });
});

/** What a line of the trace does to the store; nothing where it is about other files. */
function stepOf(line: string, dir: string): readonly string[] {
  const renamed = /rename\w*\(.*"([^"]+)"(?:, 0)?\)\s+= 0/.exec(line);
  if (renamed?.[1]) return [`rename to ${path.relative(dir, renamed[1])}`];
  const [, call = '', file = ''] = /(fsync|fdatasync|write)\(\d+<([^>]*)>/.exec(line) ?? [];
  if (call === 'write') {
    if (line.includes('"{\\"code')) return ['say stored'];
    return file.startsWith(`${dir}/.incoming/`) ? ['write incoming'] : [];
  }
  if (!file.startsWith(dir)) return [];
  const name = path.relative(dir, file);
  return [`${call} ${name.startsWith('.incoming/') ? 'incoming' : name}`];
}
