import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GlbFaultCode, GlbRefused } from '../../src/glb-fault.js';
import { addView, boxParts, type GlbParts, packGlb } from '../support/glb-builder.js';
import { loadedMeshes, valuesOf } from '../support/loaded-meshes.js';

const VERTICES = 24;
const original = boxParts();
const positions = Array.from({ length: VERTICES * 3 }, (_, i) => original.bin.readFloatLE(4 * i));
const INDEX_BYTES = { 5121: 1, 5123: 2, 5125: 4 } as const;

/** Replaces some elements of an accessor by a sparse part. */
function addSparse(
  parts: GlbParts,
  accessor: number,
  places: readonly number[],
  values: Buffer,
  componentType: keyof typeof INDEX_BYTES = 5123,
): void {
  const bytes = INDEX_BYTES[componentType];
  const indices = Buffer.alloc(places.length * bytes);
  for (const [i, place] of places.entries()) indices.writeUIntLE(place, i * bytes, bytes);
  parts.json.accessors[accessor].sparse = {
    count: places.length,
    indices: { bufferView: addView(parts, indices), componentType },
    values: { bufferView: addView(parts, values) },
  };
}

const floats = (values: readonly number[]) => Buffer.from(new Float32Array(values).buffer);

describe('reading accessors', () => {
  it('gives the same positions in every layout that glTF has', async () => {
    const layout = fc.record({
      offset: fc.nat(20).map((words) => 4 * words),
      stride: fc.option(
        fc.nat(12).map((words) => 12 + 4 * words),
        { nil: undefined },
      ),
      hasBase: fc.boolean(),
      replaced: fc.uniqueArray(fc.nat(VERTICES - 1), { maxLength: VERTICES }),
      componentType: fc.constantFrom(5121 as const, 5123 as const, 5125 as const),
      padded: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(layout, async ({ offset, stride, hasBase, replaced, componentType, padded }) => {
        const parts = boxParts();
        const step = stride ?? 12;
        const spread = Buffer.alloc(offset + step * VERTICES + (padded ? 100 : 12 - step), 0x7b);
        for (let i = 0; i < VERTICES; i += 1) parts.bin.copy(spread, offset + i * step, i * 12, i * 12 + 12);
        const expected = hasBase ? [...positions] : positions.map(() => 0);
        const { json } = parts;
        json.accessors[0] = { componentType: 5126, count: VERTICES, type: 'VEC3' };
        if (hasBase) {
          const bufferView = addView(parts, spread, stride === undefined ? {} : { byteStride: stride });
          Object.assign(json.accessors[0], { bufferView, byteOffset: offset });
        }
        const places = [...replaced].sort((a, b) => a - b);
        if (places.length > 0) {
          const values = places.flatMap((place) => [place, place + 0.5, -place - 1]);
          addSparse(parts, 0, places, floats(values), componentType);
          for (const [i, place] of places.entries()) {
            for (const axis of [0, 1, 2]) expected[place * 3 + axis] = values[i * 3 + axis] ?? 0;
          }
        }
        const [mesh] = await loadedMeshes(packGlb(json, parts.bin));
        expect(mesh && valuesOf(mesh.geometry, 'position')).toEqual(expected.map((value) => Math.fround(value)));
      }),
      { numRuns: 150 },
    );
  });

  it('replaces indices, morph targets, normalised integers and matrices as well', async () => {
    const parts = boxParts();
    const { json } = parts;
    const [primitive] = json.meshes[0].primitives;
    addSparse(parts, 3, [0, 2], Buffer.from(Uint16Array.of(2, 0).buffer)); // the first triangle, turned round
    json.accessors.push({ componentType: 5126, count: VERTICES, type: 'VEC3' });
    addSparse(parts, 4, [7], floats([1, 2, 3]));
    primitive.targets = [{ POSITION: 4 }];
    json.accessors.push({ componentType: 5121, normalized: true, count: VERTICES, type: 'VEC4' });
    addSparse(parts, 5, [1], Buffer.of(255, 51, 0, 255));
    primitive.attributes.COLOR_0 = 5;
    json.accessors.push({ componentType: 5126, count: 1, type: 'MAT4' });
    addSparse(parts, 6, [0], floats([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, 6, 7, 1]));
    json.accessors.push(
      { componentType: 5121, count: VERTICES, type: 'VEC4' },
      { componentType: 5126, count: VERTICES, type: 'VEC4' },
    );
    Object.assign(primitive.attributes, { JOINTS_0: 7, WEIGHTS_0: 8 });
    json.skins = [{ joints: [0], inverseBindMatrices: 6 }];
    json.nodes[0].skin = 0;

    const [mesh] = await loadedMeshes(packGlb(json, parts.bin));
    const geometry = mesh?.geometry;
    expect([...(geometry?.getIndex()?.array ?? [])].slice(0, 3)).toEqual([2, 1, 0]);
    expect([...(geometry?.morphAttributes.position?.[0]?.array ?? [])].slice(18, 27)).toEqual([
      0, 0, 0, 1, 2, 3, 0, 0, 0,
    ]);
    expect(geometry && valuesOf(geometry, 'color').slice(0, 8)).toEqual([0, 0, 0, 0, 1, 0.2, 0, 1]);
    const { boneInverses } = (mesh as unknown as { skeleton: { boneInverses: { elements: number[] }[] } }).skeleton;
    expect(boneInverses[0]?.elements.slice(12)).toEqual([5, 6, 7, 1]);
  });

  const broken: readonly [string, readonly number[]][] = [
    ['an element past the last', [3, 24]],
    ['an element far past the last', [4_000_000_000]],
    ['an element twice', [5, 5]],
    ['elements out of order', [9, 2]],
  ];
  it.each(broken)('refuses a sparse accessor that replaces %s', async (_what, places) => {
    for (const accessor of [0, 3, 4]) {
      const parts = boxParts();
      parts.json.accessors.push({ componentType: 5126, count: VERTICES, type: 'VEC3' });
      parts.json.meshes[0].primitives[0].targets = [{ POSITION: 4 }];
      if (accessor === 3) parts.json.accessors[3].count = VERTICES;
      addSparse(parts, accessor, places, Buffer.alloc(12 * places.length), 5125);
      await expect(codeOf(packGlb(parts.json, parts.bin))).resolves.toBe('bad_accessor');
    }
  });
});

async function codeOf(glb: Uint8Array): Promise<GlbFaultCode | 'accepted'> {
  try {
    await loadedMeshes(glb);
    return 'accepted';
  } catch (error) {
    if (error instanceof GlbRefused) return error.fault.code;
    throw error;
  }
}
