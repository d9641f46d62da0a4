import { Document, NodeIO, type TypedArray } from '@gltf-transform/core';
import sharp from 'sharp';

/** How large a synthetic model is. */
export interface ModelSize {
  readonly triangles: number;
  readonly texturePx: number;
  readonly textures: readonly TextureKind[];
}

export type TextureKind = 'base' | 'metal' | 'normal' | 'occlusion';

/**
 * Makes a bumpy ball of metal and paint with JPEG textures: as heavy as what miners deliver, and of nobody's making.
 *
 * The same size gives the same bytes.
 */
export async function syntheticModel({ triangles, texturePx, textures }: ModelSize): Promise<Uint8Array> {
  const document = new Document();
  const buffer = document.createBuffer();
  const ball = bumpyBall(Math.round(Math.sqrt(triangles / 4)));
  const accessor = (array: TypedArray, type: 'SCALAR' | 'VEC2' | 'VEC3') =>
    document.createAccessor().setArray(array).setType(type).setBuffer(buffer);
  const material = document.createMaterial().setMetallicFactor(1).setRoughnessFactor(1);
  for (const kind of textures) {
    const texture = document
      .createTexture(kind)
      .setImage(await textureJpeg(kind, texturePx))
      .setMimeType('image/jpeg');
    if (kind === 'base') material.setBaseColorTexture(texture);
    if (kind === 'metal') material.setMetallicRoughnessTexture(texture);
    if (kind === 'normal') material.setNormalTexture(texture);
    if (kind === 'occlusion') material.setOcclusionTexture(texture);
  }
  const primitive = document
    .createPrimitive()
    .setIndices(accessor(ball.indices, 'SCALAR'))
    .setAttribute('POSITION', accessor(ball.positions, 'VEC3'))
    .setAttribute('NORMAL', accessor(ball.normals, 'VEC3'))
    .setAttribute('TEXCOORD_0', accessor(ball.uvs, 'VEC2'))
    .setMaterial(material);
  const mesh = document.createMesh('ball').addPrimitive(primitive);
  document.getRoot().setDefaultScene(document.createScene().addChild(document.createNode().setMesh(mesh)));
  return new NodeIO().writeBinary(document);
}

/** A sphere of radius 0.42 with waves on it, `2 × rings` by `rings` quads; the texture goes around it four times. */
function bumpyBall(rings: number) {
  const columns = rings * 2;
  const vertices = (columns + 1) * (rings + 1);
  const positions = new Float32Array(vertices * 3);
  const normals = new Float32Array(vertices * 3);
  const uvs = new Float32Array(vertices * 2);
  const indices = new Uint32Array(columns * rings * 6);
  for (let ring = 0, v = 0; ring <= rings; ring += 1) {
    for (let column = 0; column <= columns; column += 1, v += 1) {
      const [a, b] = [(column / columns) * 2 * Math.PI, (ring / rings) * Math.PI];
      positions.set(ballPoint(a, b), v * 3);
      normals.set(ballNormal(a, b), v * 3);
      uvs.set([(column / columns) * 4, (ring / rings) * 2], v * 2);
    }
  }
  for (let ring = 0, at = 0; ring < rings; ring += 1) {
    for (let column = 0; column < columns; column += 1, at += 6) {
      const [p, q] = [ring * (columns + 1) + column, (ring + 1) * (columns + 1) + column];
      indices.set([p, p + 1, q, p + 1, q + 1, q], at);
    }
  }
  return { positions, normals, uvs, indices };
}

function ballPoint(a: number, b: number): [number, number, number] {
  const r = 0.42 + 0.05 * Math.sin(5 * a) * Math.sin(7 * b) + 0.012 * Math.sin(40 * a) * Math.sin(40 * b);
  return [r * Math.sin(b) * Math.cos(a), r * Math.cos(b), r * Math.sin(b) * Math.sin(a)];
}

function ballNormal(a: number, b: number): number[] {
  const step = 1e-4;
  const p = ballPoint(a, b);
  const [u, v] = [ballPoint(a + step, b), ballPoint(a, b + step)].map((q) => q.map((value, i) => value - (p[i] ?? 0)));
  const [ux = 0, uy = 0, uz = 0] = u ?? [];
  const [vx = 0, vy = 0, vz = 0] = v ?? [];
  const cross = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  const normal = Math.hypot(...cross) < 1e-14 ? p : cross;
  const outward = normal.reduce((sum, value, i) => sum + value * (p[i] ?? 0), 0) < 0 ? -1 : 1;
  const length = outward * Math.hypot(...normal);
  return normal.map((value) => value / length);
}

/** Checks, waves and a little noise: a texture that compresses as badly as a real one. */
function textureJpeg(kind: TextureKind, edgePx: number): Promise<Buffer> {
  const pixels = Buffer.alloc(edgePx * edgePx * 3);
  let state = 12_345;
  for (let y = 0, at = 0; y < edgePx; y += 1) {
    for (let x = 0; x < edgePx; x += 1, at += 3) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const noise = state / 2 ** 32;
      const check = ((x >> 6) ^ (y >> 6)) & 1;
      const [red, green, blue] = texel(kind, x / edgePx, y / edgePx, check, noise);
      pixels[at] = red;
      pixels[at + 1] = green;
      pixels[at + 2] = blue;
    }
  }
  return sharp(pixels, { raw: { width: edgePx, height: edgePx, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
}

function texel(kind: TextureKind, u: number, v: number, check: number, noise: number): [number, number, number] {
  switch (kind) {
    case 'base':
      return [
        120 + 100 * Math.sin(u * 12) * check + 30 * noise,
        110 + 90 * Math.sin(v * 17) + 30 * noise,
        90 + 60 * check,
      ];
    case 'metal':
      return [255, 80 + 120 * check + 20 * noise, check ? 220 : 10];
    case 'normal':
      return [128 + 24 * Math.sin(u * 400) + 8 * noise, 128 + 24 * Math.sin(v * 400) + 8 * noise, 240];
    case 'occlusion': {
      const shade = 200 + 50 * Math.sin(u * 30) * Math.sin(v * 30) + 4 * noise;
      return [shade, shade, shade];
    }
  }
}
