import sharp from 'sharp';
import { GLB_LIMITS_DEFAULTS } from '../limits.js';
import { RenderError } from '../render-error.js';
import type { Studio } from './studio.js';

/**
 * Renders a small known model and looks at the picture, before a worker says that it is ready.
 *
 * A driver that draws nothing would turn every submission into a blank picture. It also compiles the commonest shader.
 *
 * @throws RenderError `context_unavailable`
 */
export async function renderCanary(studio: Studio): Promise<void> {
  const edgePx = 64;
  const outcome = await studio.render({
    glb: canaryGlb(await redPng()),
    limits: GLB_LIMITS_DEFAULTS,
    lighting: 'studio@1',
    normalise: false,
    shots: [{ name: 'canary', azimuth: 0, elevation: 0, background: 0xffffff, radius: 2, edgePx }],
    grid: null,
    single: [0],
  });
  const png = outcome.ok ? outcome.single[0]?.png : undefined;
  if (!png) throw new RenderError({ code: 'context_unavailable', detail: 'the first picture was not rendered' });
  const { data } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number): number[] => [...data.subarray((y * edgePx + x) * 3, (y * edgePx + x) * 3 + 3)];
  const [centre, corner] = [pixel(edgePx / 2, edgePx / 2), pixel(1, 1)];
  const [red = 0, green = 0, blue = 0] = centre;
  if (!(red > green + 40 && red > blue + 40 && corner.every((value) => value === 255))) {
    const detail = `the driver draws wrong pictures: a red square on white came out as ${centre} on ${corner}`;
    throw new RenderError({ code: 'context_unavailable', detail });
  }
}

function redPng(): Promise<Buffer> {
  return sharp({ create: { width: 8, height: 8, channels: 3, background: '#e01010' } })
    .png()
    .toBuffer();
}

/** A square that faces +z and wears an image. */
function canaryGlb(image: Buffer): Uint8Array {
  const positions = new Float32Array([-0.5, -0.5, 0, 0.5, -0.5, 0, 0.5, 0.5, 0, -0.5, 0.5, 0]);
  const normals = new Float32Array([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
  const uvs = new Float32Array([0, 1, 1, 1, 1, 0, 0, 0]);
  const indices = new Uint16Array([0, 1, 2, 0, 2, 3]);
  const arrays = [positions, normals, uvs, indices].map((array) => Buffer.from(array.buffer));
  const bin = Buffer.concat([...arrays, image, Buffer.alloc(-image.length & 3)]);
  const json = {
    asset: { version: '2.0' },
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0, NORMAL: 1, TEXCOORD_0: 2 }, indices: 3, material: 0 }] }],
    materials: [{ pbrMetallicRoughness: { baseColorTexture: { index: 0 }, metallicFactor: 0 } }],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 4, type: 'VEC3' },
      { bufferView: 1, componentType: 5126, count: 4, type: 'VEC3' },
      { bufferView: 2, componentType: 5126, count: 4, type: 'VEC2' },
      { bufferView: 3, componentType: 5123, count: 6, type: 'SCALAR' },
    ],
    textures: [{ source: 0 }],
    images: [{ bufferView: 4, mimeType: 'image/png' }],
    bufferViews: [
      { buffer: 0, byteOffset: 0, byteLength: 48 },
      { buffer: 0, byteOffset: 48, byteLength: 48 },
      { buffer: 0, byteOffset: 96, byteLength: 32 },
      { buffer: 0, byteOffset: 128, byteLength: 12 },
      { buffer: 0, byteOffset: 140, byteLength: image.length },
    ],
    buffers: [{ byteLength: bin.length }],
  };
  const text = JSON.stringify(json);
  const chunk = Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4));
  const header = Buffer.alloc(20);
  header.write('glTF', 0);
  header.writeUInt32LE(2, 4);
  header.writeUInt32LE(20 + chunk.length + 8 + bin.length, 8);
  header.writeUInt32LE(chunk.length, 12);
  header.write('JSON', 16);
  const binHeader = Buffer.alloc(8);
  binHeader.writeUInt32LE(bin.length, 0);
  binHeader.write('BIN\0', 4);
  return Buffer.concat([header, chunk, binHeader, bin]);
}
