import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GLB_LIMITS_DEFAULTS, type GlbFaultCode } from '../../src/index.js';
import { dracoGlb, encodeKtx2, ktx2Glb, meshoptGlb } from '../support/compressed.js';
import { boxGlb, overdrawnGlb, packGlb, unpackGlb } from '../support/glb-builder.js';
import { quartersPng, quartersRgba } from '../support/images.js';
import { GRID, type RendererUnderTest, rendererUnderTest } from '../support/renderer-under-test.js';

const MEGABYTE = 2 ** 20;

/** Zeros, deflated to a thousandth. */
const zeros = (megabytes: number): Buffer => deflateSync(Buffer.alloc(megabytes * MEGABYTE));

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A PNG of grey pixels, with these chunks in it. */
function png(edgePx: number, idat: Buffer, ...before: Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(edgePx, 0);
  header.writeUInt32BE(edgePx, 4);
  header.writeUInt8(8, 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [pngChunk('IHDR', header), ...before, pngChunk('IDAT', idat), pngChunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

/** Draco data that announce a hundred million faces and bring none. */
async function dracoBomb(): Promise<Buffer> {
  const { json, bin } = unpackGlb(await dracoGlb(boxGlb()));
  const view = json.bufferViews[json.meshes[0].primitives[0].extensions.KHR_draco_mesh_compression.bufferView];
  const varint = [0x80, 0xc2, 0xd7, 0x2f];
  // Version 2.2, a mesh, coded in sequence; faces, points, compressed connectivity.
  const data = [...Buffer.from('DRACO'), 2, 2, 1, 0, 0, 0, ...varint, ...varint, 0];
  Buffer.from(data).copy(bin, view.byteOffset ?? 0);
  return packGlb(json, bin);
}

/** Basis Universal data that announce two gigabytes for their first level. */
async function ktx2Bomb(): Promise<Buffer> {
  const image = await encodeKtx2(await quartersRgba(64), 64, 'uastc');
  image.writeUInt32LE(0x7fff_ffff, 80 + 16);
  return ktx2Glb(image);
}

async function meshoptBomb(): Promise<Buffer> {
  const { json, bin } = unpackGlb(await meshoptGlb(boxGlb()));
  const count = 500_000_000;
  for (const view of json.bufferViews) {
    const packed = view.extensions?.EXT_meshopt_compression;
    if (!packed) continue;
    packed.count = count;
    Object.assign(view, { byteOffset: 0, byteLength: count * packed.byteStride });
    json.buffers[view.buffer].byteLength = 16 * count;
  }
  return packGlb(json, bin);
}

describe('fault 27: a small file that unpacks to a huge one', () => {
  let pool: RendererUnderTest;

  beforeAll(async () => {
    pool = await rendererUnderTest({ memoryLimitBytes: 2048 * MEGABYTE });
  });
  afterAll(() => pool?.[Symbol.asyncDispose]());

  const refused: readonly [string, GlbFaultCode, () => Buffer | Promise<Buffer>][] = [
    [
      'an image of 30 000 by 30 000 pixels',
      'image_too_large',
      () => boxGlb(undefined, { image: png(30_000, zeros(10)) }),
    ],
    ['Draco data of a hundred million faces', 'bad_buffer', dracoBomb],
    ['a meshopt view of gigabytes', 'bad_buffer', meshoptBomb],
    ['Basis Universal data of two gigabytes', 'bad_image', ktx2Bomb],
  ];
  it.each(refused)('fault 27: %s is refused with its code, %s', async (_, code, make) => {
    expect(await pool.renderer.render(await make(), GRID)).toMatchObject({ ok: false, code });
    expect(pool.troubles).toEqual([]);
  });

  const zipped = zeros(512);
  const pixels = deflateSync(Buffer.alloc(16 * 17));
  it.each([
    ['more pixels than its header says', png(16, zipped)],
    ['a text', png(16, pixels, pngChunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), zipped])))],
    ['a colour profile', png(16, pixels, pngChunk('iCCP', Buffer.concat([Buffer.from('profile\0\0'), zipped])))],
  ])('fault 27: a PNG with half a gigabyte of zeros as %s ends no worker', async (_, image) => {
    const result = await pool.renderer.render(boxGlb(undefined, { image }), GRID);
    expect(result.ok ? 'drawn' : result.code).toMatch(/^(drawn|bad_image)$/);
    expect(pool.troubles).toEqual([]);
  });

  it('fault 27: a GLB over the limit is refused before it is copied', async () => {
    const limits = { ...GLB_LIMITS_DEFAULTS, max_glb_bytes: MEGABYTE };
    const huge = Buffer.alloc(MEGABYTE + 1);
    expect(await pool.renderer.render(huge, { ...GRID, limits })).toMatchObject({ code: 'too_large', spentMs: 0 });
  });

  it('fault 27: a drawing without end is ended at its deadline, in one try, and the pool goes on', async () => {
    const endless = await pool.renderer.render(overdrawnGlb(20_000), { ...GRID, deadlineMs: 200 });
    expect(endless).toMatchObject({ ok: false, code: 'timeout' });
    expect(await pool.renderer.render(boxGlb(undefined, { image: await quartersPng(64) }), GRID)).toMatchObject({
      ok: true,
    });
    expect(pool.troubles).toEqual(['deadline']);
  });
});
