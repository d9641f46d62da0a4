import path from 'node:path';
import { frameObject, gitEnvironment } from '@tiltyard/git';
import { describe, expect, it } from 'vitest';
import { git } from '../../../../test-support/git-cli.js';
import { scratchDir } from '../../../../test-support/scratch-dir.js';
import { ObjectDatabase } from '../../src/git/object-database.js';

describe('an object database', () => {
  it('writes trees that git takes for its own, and keeps what it does not change', async () => {
    await using scratch = await scratchDir();
    const dir = path.join(scratch.path, 'r.git');
    await git(scratch.path, 'init', '-q', '--bare', dir);
    await using objects = new ObjectDatabase(dir, gitEnvironment(process.env));
    // Names whose order differs between folders and files: git sorts `a` the folder behind `a.b`.
    const names = ['a/x', 'a-b', 'a.b', 'a/b/c/d', 'ab', 'B', 'é', 'a0'];
    const files = new Map(names.map((name) => [name, Buffer.from(name)]));
    const first = await objects.writeTree(undefined, files);
    const second = await objects.writeTree(first, new Map([['a/b/e', Buffer.from('new')]]));
    expect(await git(dir, 'fsck', '--strict', '--no-dangling')).toBe('');
    const list = await git(dir, 'ls-tree', '-r', '-z', '--name-only', second);
    expect(list.split('\0').filter(Boolean).sort()).toEqual([...names, 'a/b/e'].sort());
    expect(await git(dir, 'cat-file', 'blob', `${second}:a/b/c/d`)).toBe('a/b/c/d');
    expect(await objects.writeTree(first, files)).toBe(first);
    expect(await objects.entryAt(second, 'a/b/e')).toEqual({
      mode: '100644',
      id: frameObject('blob', Buffer.from('new')).id,
    });
    expect(await objects.entryAt(second, 'a/b/e/f')).toBeUndefined();
    expect((await objects.folder(second, '')).map(([name]) => name)).toContain('é');
    expect(await objects.folder(second, 'nowhere')).toEqual([]);
  });

  it('tells another kind of object than expected from damage: its hash says that it was published so', async () => {
    await using scratch = await scratchDir();
    const dir = path.join(scratch.path, 'r.git');
    await git(scratch.path, 'init', '-q', '--bare', dir);
    await using objects = new ObjectDatabase(dir, gitEnvironment(process.env));
    const blob = await objects.write('blob', Buffer.from('tree? no'));
    await expect(objects.tree(blob)).rejects.toMatchObject({ fault: { code: 'malformed', object: blob } });
    await expect(objects.commit('0'.repeat(40))).rejects.toMatchObject({
      fault: { code: 'corrupt', detail: 'the object is missing' },
    });
  });
});
