import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Sha256 } from '@tiltyard/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddingCache } from '../../src/embedding-cache.js';
import { DESCRIPTOR_V1, EmbedderId } from '../../src/interfaces.js';

const OTHER = EmbedderId.parse(`dinov3-vits16@sha256:${'a'.repeat(64)}/pre1`);
const picture = (text: string) => Sha256.parse(createHash('sha256').update(text).digest('hex'));
const vector = Float32Array.of(0.6, 0.8);

describe('the cache of embeddings', () => {
  let dir: string;
  let warnings: string[];
  const log = { warn: (_facts: unknown, message: string) => void warnings.push(message) };
  const open = (maxEntries = 10) => new EmbeddingCache({ maxEntries, dir }, log);
  const files = async () =>
    (await readdir(dir, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-cache-'));
    warnings = [];
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('gives back what was put in, also to a process that starts later', async () => {
    await open().set(DESCRIPTOR_V1, picture('a'), vector);
    expect(await open().get(DESCRIPTOR_V1, picture('a'))).toEqual(vector);
    expect((await files()).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  it('keeps embedders and pictures apart', async () => {
    await open().set(DESCRIPTOR_V1, picture('a'), vector);
    expect(await open().get(OTHER, picture('a'))).toBeUndefined();
    expect(await open().get(DESCRIPTOR_V1, picture('b'))).toBeUndefined();
  });

  it('hands out copies', async () => {
    const cache = open();
    await cache.set(DESCRIPTOR_V1, picture('a'), vector);
    (await cache.get(DESCRIPTOR_V1, picture('a')))?.fill(0);
    expect(await cache.get(DESCRIPTOR_V1, picture('a'))).toEqual(vector);
  });

  it('forgets the least recently used in memory', async () => {
    const cache = new EmbeddingCache({ maxEntries: 2, dir: null }, log);
    await cache.set(DESCRIPTOR_V1, picture('a'), vector);
    await cache.set(DESCRIPTOR_V1, picture('b'), vector);
    await cache.get(DESCRIPTOR_V1, picture('a'));
    await cache.set(DESCRIPTOR_V1, picture('c'), vector);
    expect(await cache.get(DESCRIPTOR_V1, picture('a'))).toBeDefined();
    expect(await cache.get(DESCRIPTOR_V1, picture('b'))).toBeUndefined();
  });

  it('throws away a file with a flipped bit, a cut or the content of another', async () => {
    const cache = open(0);
    await cache.set(DESCRIPTOR_V1, picture('a'), vector);
    const [file = ''] = await files();
    const whole = await readFile(file);
    await cache.set(DESCRIPTOR_V1, picture('b'), Float32Array.of(1, 0));
    const another = await readFile((await files()).find((name) => name !== file) ?? '');
    const flipped = Buffer.from(whole);
    flipped[35] = (flipped[35] ?? 0) ^ 1;
    for (const damaged of [flipped, whole.subarray(0, 36), Buffer.alloc(0), another]) {
      await writeFile(file, damaged);
      expect(await cache.get(DESCRIPTOR_V1, picture('a'))).toBeUndefined();
      expect(await files()).not.toContain(file);
    }
    expect(warnings).toEqual(Array.from({ length: 4 }, () => 'damaged cache entry removed'));
  });

  it('is only a shortcut: what it cannot write it reports and passes over', async () => {
    const blocked = path.join(dir, 'file');
    await writeFile(blocked, '');
    await chmod(blocked, 0o400);
    const cache = new EmbeddingCache({ maxEntries: 10, dir: blocked }, log);
    await cache.set(DESCRIPTOR_V1, picture('a'), vector);
    expect(await cache.get(DESCRIPTOR_V1, picture('a'))).toEqual(vector);
    expect(warnings).toEqual(['cache not writable']);
  });
});
