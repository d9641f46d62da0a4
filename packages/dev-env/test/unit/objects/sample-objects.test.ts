import { NodeIO, type Primitive } from '@gltf-transform/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Flaws, NO_FLAWS, QUALITIES, type Quality } from '../../../src/gen3d/objects/flaws.js';
import { makeSampleObject, sampleObjects } from '../../../src/gen3d/objects/sample-object-source.js';

const anyStretch = fc.double({ min: 0.3, max: 3, noNaN: true });

const anyFlaws: fc.Arbitrary<Flaws> = fc.record({
  detail: fc.double({ min: 0.05, max: 1, noNaN: true }),
  trim: fc.boolean(),
  hueTurn: fc.integer({ min: -360, max: 360 }),
  saturation: fc.double({ min: 0, max: 2, noNaN: true }),
  lightness: fc.double({ min: 0, max: 2, noNaN: true }),
  stretch: fc.tuple(anyStretch, anyStretch, anyStretch),
  jitter: fc.double({ min: 0, max: 0.05, noNaN: true }),
  wobble: fc.double({ min: 0, max: 0.001, noNaN: true }),
});

async function onlyPrimitive(glb: Uint8Array): Promise<Primitive> {
  const root = (await new NodeIO().readBinary(glb)).getRoot();
  expect(root.listMeshes()).toHaveLength(1);
  const [primitive, ...more] = root.listMeshes()[0]?.listPrimitives() ?? [];
  expect(more).toEqual([]);
  if (!primitive) throw new Error('no primitive');
  return primitive;
}

function attribute(primitive: Primitive, name: string): Float32Array {
  const array = primitive.getAttribute(name)?.getArray();
  if (!(array instanceof Float32Array)) throw new Error(`${name} is missing`);
  return array;
}

function largest(numbers: Float32Array): number {
  return numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

describe('a sample object', () => {
  it('comes in at least sixteen kinds', () => {
    expect(sampleObjects.names.length).toBeGreaterThanOrEqual(16);
    expect(new Set(sampleObjects.names).size).toBe(sampleObjects.names.length);
  });

  it.each(sampleObjects.names)(
    '%s is one well-formed mesh that fills the unit cube, at every quality',
    async (name) => {
      for (const quality of Object.keys(QUALITIES) as Quality[]) {
        const primitive = await onlyPrimitive(makeSampleObject(name, QUALITIES[quality], 'seed'));
        const positions = attribute(primitive, 'POSITION');
        expect(largest(positions)).toBeLessThanOrEqual(0.5);
        expect(largest(positions)).toBeGreaterThan(0.499);
        const normals = attribute(primitive, 'NORMAL');
        for (let i = 0; i < normals.length; i += 3) {
          expect(Math.hypot(normals[i] ?? 0, normals[i + 1] ?? 0, normals[i + 2] ?? 0)).toBeCloseTo(1, 4);
        }
        const indices = [...(primitive.getIndices()?.getArray() ?? [])];
        expect(indices.length % 3).toBe(0);
        expect(indices.reduce((most, index) => Math.max(most, index), 0)).toBeLessThan(positions.length / 3);
      }
    },
  );

  it('stays finite, in the cube and in range of colours whatever its flaws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...sampleObjects.names), anyFlaws, fc.string(), async (name, flaws, seed) => {
        const primitive = await onlyPrimitive(makeSampleObject(name, flaws, seed));
        const positions = attribute(primitive, 'POSITION');
        expect(positions.every(Number.isFinite)).toBe(true);
        expect(largest(positions)).toBeLessThanOrEqual(0.5);
        const colours = attribute(primitive, 'COLOR_0');
        expect(colours.every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same bytes for the same name, flaws and seed, and other bytes for another seed', () => {
    const wobbly = { ...NO_FLAWS, wobble: 1e-4 };
    const once = makeSampleObject('teapot', wobbly, 'a');
    expect(Buffer.compare(makeSampleObject('teapot', wobbly, 'a'), once)).toBe(0);
    expect(Buffer.compare(makeSampleObject('teapot', wobbly, 'b'), once)).not.toBe(0);
  });

  it('moves no vertex further than the wobble allows from one making to the next', async () => {
    const wobble = 1e-4;
    const [one, other] = await Promise.all(
      ['a', 'b'].map(async (seed) =>
        attribute(await onlyPrimitive(makeSampleObject('car', { ...NO_FLAWS, wobble }, seed)), 'POSITION'),
      ),
    );
    const apart = one?.map((value, index) => value - (other?.[index] ?? Number.NaN));
    expect(largest(apart ?? new Float32Array())).toBeGreaterThan(0);
    // Twice the wobble, and as much again for fitting into the cube.
    expect(largest(apart ?? new Float32Array())).toBeLessThan(4 * wobble);
  });

  it('loses triangles with its detail and parts with its trim', async () => {
    const count = async (flaws: Flaws) =>
      (await onlyPrimitive(makeSampleObject('robot', flaws, ''))).getIndices()?.getCount() ?? 0;
    const whole = await count(NO_FLAWS);
    expect(await count({ ...NO_FLAWS, detail: 0.3 })).toBeLessThan(whole / 4);
    expect(await count({ ...NO_FLAWS, trim: false })).toBeLessThan(whole);
  });

  it('is refused by name when it is unknown', async () => {
    await expect(sampleObjects.make('unicorn', NO_FLAWS, '')).rejects.toMatchObject({
      fault: { code: 'unknown_object', name: 'unicorn' },
    });
  });
});
