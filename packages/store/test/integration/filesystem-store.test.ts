import { mkdir, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HttpUrl } from '@tiltyard/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTENT_TYPES, NamedKey, openFilesystemStore, type StoreServer, serveStore } from '../../src/index.js';
import { faultCodeOf } from '../support/fault-code.js';
import { describeStoreContract, type OpenedStore } from '../support/store-contract.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PNG = { contentType: CONTENT_TYPES.png, maxBytes: 1_000_000 } as const;
const ANYWHERE = HttpUrl.parse('http://127.0.0.1:1');

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: StoreServer;
let opened: OpenedStore;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await serveStore({ dir: folder.dir, host: '127.0.0.1', port: 0 });
  const store = await openFilesystemStore({ dir: folder.dir, publicUrl: server.url });
  opened = {
    store,
    damage: ({ key }) => writeFile(path.join(folder.dir, key), Buffer.alloc(1000, 7)),
    visibleKeys: () => filesOf(folder.dir),
  };
});

afterAll(async () => {
  await server.close();
  await folder[Symbol.asyncDispose]();
});

describeStoreContract('a filesystem store', () => opened);

describe('a filesystem store on its disk', () => {
  it('leaves no unfinished files behind, whether it succeeds or not', async () => {
    await using own = await temporaryFolder();
    const store = await openFilesystemStore({ dir: own.dir, publicUrl: ANYWHERE });
    await store.put(Buffer.from('one'), PNG);
    await faultCodeOf(store.put(Buffer.alloc(2_000_000), PNG));
    expect(await readdir(path.join(own.dir, '.incoming'))).toEqual([]);
  });

  it('removes what a process that died left unfinished a day ago, and nothing younger', async () => {
    await using own = await temporaryFolder();
    const incoming = path.join(own.dir, '.incoming');
    await mkdir(incoming, { recursive: true });
    await writeFile(path.join(incoming, '1-old'), 'x');
    await writeFile(path.join(incoming, '1-young'), 'x');
    const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
    await utimes(path.join(incoming, '1-old'), twoDaysAgo, twoDaysAgo);
    await openFilesystemStore({ dir: own.dir, publicUrl: ANYWHERE });
    expect(await readdir(incoming)).toEqual(['1-young']);
  });

  it('fault 21: does not write again what is there already', async () => {
    await using own = await temporaryFolder();
    const store = await openFilesystemStore({ dir: own.dir, publicUrl: ANYWHERE });
    const { key } = await store.put(Buffer.from('once'), PNG);
    const before = await stat(path.join(own.dir, key));
    await store.put(Buffer.from('once'), PNG);
    expect((await stat(path.join(own.dir, key))).ino).toBe(before.ino);
  });

  it('follows no link out of its folder', async () => {
    await using own = await temporaryFolder();
    await using outside = await temporaryFolder();
    await writeFile(path.join(outside.dir, 'secret'), 'secret');
    const store = await openFilesystemStore({ dir: own.dir, publicUrl: ANYWHERE });
    const { key } = await store.putNamed(NamedKey.parse('a/b.json'), Buffer.from('{}'));
    await symlink(path.join(outside.dir, 'secret'), path.join(own.dir, 'a', 'c.json'));
    expect(await store.has(key)).toBe(true);
    expect(await faultCodeOf(store.getNamed(NamedKey.parse('a/c.json'), { maxBytes: 100 }))).toBe('io');
  });

  it('says which operation of which file failed', async () => {
    await using own = await temporaryFolder();
    const store = await openFilesystemStore({ dir: own.dir, publicUrl: ANYWHERE });
    await writeFile(path.join(own.dir, 'sha256'), 'a file where a folder should be');
    await expect(store.put(Buffer.from('x'), PNG)).rejects.toMatchObject({ fault: { code: 'io', operation: 'mkdir' } });
  });
});

async function filesOf(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
