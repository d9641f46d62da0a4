import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openGlb } from '../../src/check/check-glb.js';
import { type GlbFaultCode, GlbRefused } from '../../src/glb-fault.js';
import { GLB_LIMITS_DEFAULTS, type GlbLimits } from '../../src/limits.js';
import { checkBounds, checkScene } from '../../src/load/check-scene.js';
import { loadScene } from '../../src/load/load-scene.js';
import { dracoGlb, meshoptGlb } from '../support/compressed.js';
import { boxGlb, type GlbParts, packGlb, unpackGlb } from '../support/glb-builder.js';

// three's loader looks for a browser's global, and warns about what the checks have removed.
beforeAll(() => {
  vi.stubGlobal('self', globalThis);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterAll(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function look(glb: Uint8Array, limits: GlbLimits = GLB_LIMITS_DEFAULTS) {
  const scene = await loadScene(openGlb(glb, limits), 3 * limits.max_triangles);
  return checkScene(scene, limits);
}

async function codeOf(glb: Uint8Array): Promise<GlbFaultCode | 'accepted'> {
  try {
    await look(glb);
    return 'accepted';
  } catch (error) {
    if (error instanceof GlbRefused) return error.fault.code;
    throw error;
  }
}

const POSITION_BYTES = 24 * 12;

const refusals: readonly [string, GlbFaultCode, (parts: GlbParts) => void][] = [
  [
    'an index past the vertices',
    'index_range',
    ({ json, bin }) => void bin.writeUInt16LE(24, json.bufferViews[3].byteOffset),
  ],
  ['a position that is no number', 'non_finite', ({ bin }) => void bin.writeFloatLE(Number.NaN, 0)],
  ['a position at infinity', 'non_finite', ({ bin }) => void bin.writeFloatLE(Number.NEGATIVE_INFINITY, 4)],
  ['a normal that is no number', 'non_finite', ({ bin }) => void bin.writeFloatLE(Number.NaN, POSITION_BYTES)],
  [
    'positions that overflow in the scene',
    'non_finite',
    ({ json }) => {
      json.nodes[0].scale = [1e308, 1, 1];
      json.nodes = [{ children: [1], scale: [1e308, 1, 1] }, json.nodes[0]];
    },
  ],
  [
    'a mesh scaled to nothing',
    'degenerate',
    ({ json }) => {
      json.nodes[0].scale = [0, 0, 0];
    },
  ],
  ['all vertices in one point', 'degenerate', ({ bin }) => void bin.fill(0, 0, POSITION_BYTES)],
  [
    'a mesh flattened to a line',
    'degenerate',
    ({ json }) => {
      json.nodes[0].scale = [1, 0, 0];
    },
  ],
  [
    'triangles that use a single corner',
    'degenerate',
    ({ json, bin }) => void bin.fill(0, json.bufferViews[3].byteOffset, json.bufferViews[3].byteOffset + 72),
  ],
];

describe('checking a scene after its geometry is decoded', () => {
  it.each(refusals)('refuses %s: %s', async (_what, code, bend) => {
    expect(await codeOf(boxGlb(bend))).toBe(code);
  });

  it('finds the bounds of what is used, where the scene puts it', async () => {
    const { bounds } = await look(
      boxGlb(({ json }) => {
        json.nodes[0] = { mesh: 0, translation: [1, 0, 0], scale: [0.2, 1, 1] };
      }),
    );
    expect(bounds.min).toEqual([expect.closeTo(0.9, 6), -0.5, -0.5]);
    expect(bounds.max).toEqual([expect.closeTo(1.1, 6), 0.5, 0.5]);
  });

  it('does not mind what unused vertices hold', async () => {
    const glb = boxGlb(({ json, bin }) => {
      // The first face is left out of the indices; its vertices are broken.
      json.accessors[3] = { ...json.accessors[3], byteOffset: 12, count: 30 };
      bin.writeFloatLE(Number.NaN, 0);
      bin.writeFloatLE(1000, 12);
    });
    expect((await look(glb)).bounds.max).toEqual([0.5, 0.5, 0.5]);
  });

  it('reads elements with a stride whose last padding the file leaves out', async () => {
    const glb = boxGlb(({ json, bin }) => {
      // Every other vertex of the positions, the last of them without the stride's rest.
      json.bufferViews[0] = { ...json.bufferViews[0], byteStride: 24, byteLength: 24 * 11 + 12 };
      json.accessors[0].count = 12;
      json.accessors[1].count = 12;
      json.accessors[2].count = 12;
      const at = json.bufferViews[3].byteOffset;
      for (let i = 0; i < 36; i += 1) bin.writeUInt16LE(bin.readUInt16LE(at + 2 * i) % 12, at + 2 * i);
    });
    expect(await codeOf(glb)).toBe('accepted');
  });

  it('reads Draco and meshopt geometry as it was before', async () => {
    for (const glb of [await dracoGlb(boxGlb()), await meshoptGlb(boxGlb())]) {
      const { bounds, surfaces } = await look(glb);
      expect(surfaces.map(({ triangles }) => triangles)).toEqual([12]);
      for (const corner of [...bounds.min, ...bounds.max]) expect(Math.abs(corner)).toBeCloseTo(0.5, 3);
    }
  });

  it('counts what Draco data hold, whatever their accessors say', async () => {
    const { json, bin } = unpackGlb(await dracoGlb(boxGlb()));
    for (const accessor of json.accessors) accessor.count = 3;
    const [primitive] = json.meshes[0].primitives;
    const { bufferView, attributes } = primitive.extensions.KHR_draco_mesh_compression;
    // The same bytes, by another name.
    const twice = [bufferView, json.bufferViews.push(json.bufferViews[bufferView]) - 1];
    const drawn = (views: readonly number[], nodes: number) => {
      json.meshes[0].primitives = views.map((view) => ({
        ...primitive,
        extensions: { KHR_draco_mesh_compression: { bufferView: view, attributes } },
      }));
      json.nodes = new Array(nodes).fill({ mesh: 0 });
      json.scenes[0].nodes = [...json.nodes.keys()];
      return look(packGlb(json, bin), { ...GLB_LIMITS_DEFAULTS, max_triangles: 20 });
    };
    await expect(drawn(twice.slice(0, 1), 1)).resolves.toMatchObject({ surfaces: [{ triangles: 12 }] });
    const unpacked = { fault: { code: 'too_complex', what: 'vertices of Draco data', count: 72, limit: 60 } };
    await expect(drawn(twice, 1)).rejects.toMatchObject(unpacked);
    const placed = { fault: { code: 'too_complex', what: 'triangles', count: 24, limit: 20 } };
    await expect(drawn(twice.slice(0, 1), 3)).rejects.toMatchObject(placed);
  });

  it('refuses compressed data that do not decode', async () => {
    const codes: string[] = [];
    for (const compress of [dracoGlb, meshoptGlb]) {
      const glb = Buffer.from(await compress(boxGlb()));
      const bin = 20 + glb.readUInt32LE(12) + 8;
      glb.fill(0xa5, bin + 4, bin + 40);
      codes.push(await codeOf(glb));
    }
    expect(codes).toEqual(['bad_buffer', 'bad_buffer']);
  });

  it('tolerates bounds up to the limit, on every axis', () => {
    const box = (max: number) => ({ min: [-0.6, -0.1, 0], max: [0, max, 0.6] }) as const;
    expect(() => checkBounds(box(0.6), 0.6)).not.toThrow();
    expect(() => checkBounds(box(Math.fround(0.6)), 0.6)).not.toThrow();
    expect(() => checkBounds(box(0.601), 0.6)).toThrow(
      'reaches outside ±0.6: x, y, z span -0.600..0.000, -0.100..0.601',
    );
  });
});
