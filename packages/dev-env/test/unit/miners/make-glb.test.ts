import { describe, expect, it } from 'vitest';
import { CHARACTERS, type CharacterName } from '../../../src/gen3d/miners/characters.js';
import { makeGlb, type Role } from '../../../src/gen3d/miners/make-glb.js';
import { QUALITIES } from '../../../src/gen3d/objects/flaws.js';
import { makeSampleObject, sampleObjects } from '../../../src/gen3d/objects/sample-object-source.js';

const make = (character: CharacterName, role: Role, object = 'mug', seed = 7) =>
  makeGlb({ character, role, source: sampleObjects, object, seed });

const same = (one: Uint8Array | undefined, other: Uint8Array | undefined) =>
  one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;

describe('what a character makes', () => {
  it.each(Object.keys(CHARACTERS) as CharacterName[])(
    '%s makes the same bytes for the same request',
    async (character) => {
      expect(same(await make(character, 'container'), await make(character, 'container'))).toBe(true);
    },
  );

  it('is a little different in the container for an honest miner: same size, other bytes', async () => {
    const [submitted, regenerated] = [await make('faithful', 'submitted'), await make('faithful', 'container')];
    expect(regenerated?.length).toBe(submitted?.length);
    expect(same(regenerated, submitted)).toBe(false);
  });

  it('is coarser in the container of a cheat', async () => {
    const [submitted, regenerated] = [await make('cheat', 'submitted'), await make('cheat', 'container')];
    expect(regenerated?.length).toBeLessThan((submitted?.length ?? 0) / 3);
  });

  it('differs between two honest miners of one quality, so that they are no duplicates', async () => {
    expect(same(await make('slow', 'submitted'), await make('faithful', 'submitted'))).toBe(false);
  });

  it('is another object for the wrong one, also when the objects are somebody else’s', async () => {
    for (const object of sampleObjects.names) {
      const glb = await make('wrong', 'submitted', object);
      const size = makeSampleObject(object, QUALITIES.good, '').length;
      expect(glb?.length).not.toBe(size);
    }
    const foreign = await makeGlb({
      character: 'wrong',
      role: 'submitted',
      source: { names: ['duck'], make: () => Promise.reject(new Error('not asked')) },
      object: 'duck',
      seed: 1,
    });
    expect(foreign?.length).toBeGreaterThan(1000);
  });

  it('is nothing on the CDNs of those who copy, attack or are absent', async () => {
    for (const character of ['copycat', 'hostile', 'absent'] as const) {
      expect(await make(character, 'submitted')).toBeUndefined();
    }
  });
});
