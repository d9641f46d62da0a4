import { joinAligned, packGlb } from './glb-container.js';
import type { PaintedMesh } from './merge-parts.js';
import { encodeSmallPng } from './small-png.js';

const FLOAT = 5126;
const UNSIGNED_INT = 5125;
const NEAREST = 9728;
const CLAMP_TO_EDGE = 33071;

/**
 * Writes a mesh as a GLB with one mesh, one primitive and one material. The same mesh gives the same bytes.
 *
 * Colours are vertex colours; roughness and metalness come from a texture with one texel a surface (glTF reads roughness
 * from green and metalness from blue).
 */
export function writeGlb(mesh: PaintedMesh, name: string): Uint8Array {
  const { binary, views } = joinAligned([
    bytesOf(mesh.indices),
    bytesOf(mesh.positions),
    bytesOf(mesh.normals),
    bytesOf(mesh.colours),
    bytesOf(surfaceCoordinates(mesh)),
    surfacePicture(mesh),
  ]);
  const count = mesh.surfaceOf.length;
  const vector = (bufferView: number, type: string) => ({ bufferView, componentType: FLOAT, count, type });
  const document = {
    asset: { version: '2.0', generator: 'tiltyard sample objects' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0, name }],
    meshes: [
      {
        name,
        primitives: [{ attributes: { POSITION: 1, NORMAL: 2, COLOR_0: 3, TEXCOORD_0: 4 }, indices: 0, material: 0 }],
      },
    ],
    materials: [{ pbrMetallicRoughness: { metallicRoughnessTexture: { index: 0 } } }],
    textures: [{ sampler: 0, source: 0 }],
    samplers: [{ magFilter: NEAREST, minFilter: NEAREST, wrapS: CLAMP_TO_EDGE, wrapT: CLAMP_TO_EDGE }],
    images: [{ bufferView: 5, mimeType: 'image/png' }],
    accessors: [
      { bufferView: 0, componentType: UNSIGNED_INT, count: mesh.indices.length, type: 'SCALAR' },
      { ...vector(1, 'VEC3'), ...bounds(mesh.positions) },
      vector(2, 'VEC3'),
      vector(3, 'VEC3'),
      vector(4, 'VEC2'),
    ],
    bufferViews: views,
    buffers: [{ byteLength: binary.byteLength }],
  };
  return packGlb(document, binary);
}

function bytesOf(array: Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function surfaceCoordinates({ surfaceOf, surfaces }: PaintedMesh): Float32Array {
  const coordinates = new Float32Array(2 * surfaceOf.length);
  for (const [vertex, surface] of surfaceOf.entries()) {
    coordinates.set([(surface + 0.5) / surfaces.length, 0.5], 2 * vertex);
  }
  return coordinates;
}

function surfacePicture({ surfaces }: PaintedMesh): Uint8Array {
  const texels = surfaces.flatMap(({ roughness, metalness }) => [
    255,
    Math.round(255 * roughness),
    Math.round(255 * metalness),
  ]);
  return encodeSmallPng(surfaces.length, 1, Uint8Array.from(texels));
}

function bounds(positions: Float32Array): { min: number[]; max: number[] } {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (const [index, value] of positions.entries()) {
    min[index % 3] = Math.min(min[index % 3] ?? value, value);
    max[index % 3] = Math.max(max[index % 3] ?? value, value);
  }
  return { min, max };
}
