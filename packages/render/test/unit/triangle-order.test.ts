import fc from 'fast-check';
import { BufferAttribute, Mesh, Vector3 } from 'three';
import { describe, expect, it } from 'vitest';
import { orderBackToFront } from '../../src/draw/triangle-order.js';
import type { SurfaceMesh } from '../../src/load/check-scene.js';

/** Triangles at these places along z, each with corners of its own, or behind an index that turns their order round. */
function surfaceAt(depths: readonly number[], indexed: boolean): SurfaceMesh {
  const positions = new Float32Array(depths.flatMap((z) => [0, 0, z, 1, 0, z, 0, 1, z]));
  const vertices = [...positions.keys()].filter((i) => i < depths.length * 3);
  const index = indexed ? new BufferAttribute(new Uint32Array(vertices.toReversed()), 1) : undefined;
  return { mesh: new Mesh(), positions, index, triangles: depths.length };
}

function ordered(surface: SurfaceMesh, forward: Vector3): number[][] {
  const into = new Uint32Array(3 * surface.triangles);
  orderBackToFront(surface, forward, into);
  return Array.from({ length: surface.triangles }, (_, i) => [...into.subarray(3 * i, 3 * i + 3)]);
}

describe('the order of translucent triangles', () => {
  it('has the farthest first, whichever way the camera looks', () => {
    const surface = surfaceAt([0.5, -1, 0], false);
    const [a, b, c] = [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ];
    expect(ordered(surface, new Vector3(0, 0, -1))).toEqual([b, c, a]);
    expect(ordered(surface, new Vector3(0, 0, 1))).toEqual([a, c, b]);
    // All of one depth: as the file has them.
    expect(ordered(surface, new Vector3(1, 0, 0))).toEqual([a, b, c]);
  });

  it('loses no triangle, turns none round, and goes from far to near', () => {
    const depth = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(depth, { minLength: 1, maxLength: 50 }), fc.boolean(), (depths, indexed) => {
        const surface = surfaceAt(depths, indexed);
        const triangles = ordered(surface, new Vector3(0, 0, -1));
        const corner = (i: number): number => surface.index?.array[i] ?? i;
        const all = depths.map((_, i) => [0, 1, 2].map((k) => corner(3 * i + k)).join());
        expect(triangles.map(String).toSorted()).toEqual(all.toSorted());
        const seen = triangles.map(([first = 0]) => surface.positions[3 * first + 2] ?? 0);
        for (const [i, z] of seen.entries()) expect(z).toBeGreaterThanOrEqual((seen[i - 1] ?? -1) - 1e-4);
      }),
    );
  });
});
