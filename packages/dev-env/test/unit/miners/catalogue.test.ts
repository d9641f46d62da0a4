import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stem } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { catalogueEntry, readCatalogue, recogniser } from '../../../src/gen3d/miners/catalogue.js';

const picture = Buffer.from('a picture of a mug');
const entry = catalogueEntry(picture, Stem.parse('mug-030'), 'mug');

describe('a catalogue', () => {
  it('recognises a picture by its bytes and nothing else', () => {
    const recognise = recogniser({ pictures: [entry] });
    expect(recognise(Buffer.from('a picture of a mug'))?.object).toBe('mug');
    expect(recognise(Buffer.from('a picture of a mug '))).toBeUndefined();
  });

  it('is read from a file, and refused with the field when it is malformed', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tiltyard-test-'));
    try {
      const file = path.join(folder, 'catalogue.json');
      await writeFile(file, JSON.stringify({ pictures: [entry] }));
      expect((await readCatalogue(file)).pictures).toEqual([entry]);
      await writeFile(file, JSON.stringify({ pictures: [{ ...entry, sha256: 'beef' }] }));
      await expect(readCatalogue(file)).rejects.toThrow(/sha256/);
      await expect(readCatalogue(path.join(folder, 'none.json'))).rejects.toMatchObject({
        fault: { code: 'unreadable' },
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
