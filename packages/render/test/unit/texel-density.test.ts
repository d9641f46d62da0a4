import { BufferAttribute, BufferGeometry, DataTexture, Mesh, MeshStandardMaterial } from 'three';
import { describe, expect, it } from 'vitest';
import { halvingsByImage } from '../../src/load/texel-density.js';

/** A square of one unit whose texture covers it `repeat` times. */
function square(repeat: number) {
  const positions = new Float32Array([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]);
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(positions, 3));
  geometry.setAttribute(
    'uv',
    new BufferAttribute(new Float32Array([0, 0, 1, 0, 1, 1, 0, 1].map((u) => u * repeat)), 2),
  );
  const index = new BufferAttribute(new Uint16Array([0, 1, 2, 0, 2, 3]), 1);
  geometry.setIndex(index);
  const texture = new DataTexture(null, 1, 1);
  const mesh = new Mesh(geometry, new MeshStandardMaterial({ map: texture }));
  return { mesh, positions, index, triangles: 2 };
}

function halvings(edgePx: number, repeat: number, pixelsPerUnit: number): number | undefined {
  return halvingsByImage([square(repeat)], () => 0, [{ width: edgePx, height: edgePx }], pixelsPerUnit).get(0);
}

describe('the size at which a texture is worth decoding', () => {
  it('keeps a texture that has no more texels than the views have pixels', () => {
    expect(halvings(512, 1, 512)).toBe(0);
    expect(halvings(512, 1, 4000)).toBe(0);
    expect(halvings(1000, 1, 512)).toBe(0);
  });

  it('halves a texture as often as its texels are smaller than a pixel', () => {
    expect(halvings(1024, 1, 512)).toBe(1);
    expect(halvings(512, 4, 512)).toBe(2);
    expect(halvings(4096, 4, 512)).toBe(3);
  });

  it('follows the coarsest of several surfaces', () => {
    const surfaces = [square(8), square(1)];
    expect(halvingsByImage(surfaces, () => 0, [{ width: 1024, height: 1024 }], 512).get(0)).toBe(1);
  });

  it('leaves out images that no surface wears', () => {
    expect(halvingsByImage([square(1)], () => undefined, [{ width: 8, height: 8 }], 512).size).toBe(0);
  });
});
