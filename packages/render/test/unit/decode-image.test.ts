import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { GlbImage } from '../../src/check/images.js';
import { decodeImage } from '../../src/load/decode-image.js';
import { plainPng } from '../../src/load/plain-png.js';

const EDGE = 16;
const source = sharp(Buffer.from(Array.from({ length: EDGE * EDGE * 3 }, (_, i) => (i * 7) % 251)), {
  raw: { width: EDGE, height: EDGE, channels: 3 },
});
const png = await source.clone().png().toBuffer();
const palette = await source.clone().png({ palette: true }).toBuffer();
const HEADER_BYTES = 33;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

function withChunks(image: Buffer, ...chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([image.subarray(0, HEADER_BYTES), ...chunks, image.subarray(HEADER_BYTES)]);
}

function image(bytes: Uint8Array, facts: Partial<GlbImage> = {}): GlbImage {
  return { format: 'png', width: EDGE, height: EDGE, bytes, ...facts };
}

const decode = (facts: GlbImage) => decodeImage(facts, 'images[0]', 0);

describe('decoding an image', () => {
  it('unpacks nothing of a PNG but its pixels', async () => {
    const megabyte = deflateSync(Buffer.alloc(1 << 20));
    const text = chunk('zTXt', Buffer.concat([Buffer.from('a\0\0'), megabyte]));
    const profile = chunk('iCCP', Buffer.concat([Buffer.from('a\0\0'), megabyte]));
    const frames = chunk('acTL', Buffer.from([0, 0, 0, 9, 0, 0, 0, 0]));
    for (const plain of [png, palette]) {
      const stuffed = withChunks(plain, text, profile, frames, chunk('abCd', Buffer.alloc(5000)), text);
      expect(plainPng(stuffed)).toEqual(new Uint8Array(plainPng(plain)));
      expect(plainPng(stuffed).length).toBeLessThanOrEqual(plain.length);
      expect(await decode(image(stuffed))).toEqual(await decode(image(plain)));
    }
  });

  it('leaves a damaged PNG to the decoder, which refuses it', async () => {
    for (const torn of [png.subarray(0, png.length - 30), withChunks(png, Buffer.alloc(12, 0xff))]) {
      await expect(decode(image(torn))).rejects.toMatchObject({ fault: { code: 'bad_image' } });
    }
  });

  it('refuses data of another size than the header says', async () => {
    const jpeg = await source
      .clone()
      .resize(EDGE, EDGE / 2)
      .jpeg()
      .toBuffer();
    const turned = image(jpeg, { format: 'jpeg', width: EDGE / 2, height: EDGE });
    await expect(decode(turned)).rejects.toMatchObject({ fault: { code: 'bad_image' } });
    expect(await decode({ ...turned, width: EDGE, height: EDGE / 2 })).toMatchObject({ width: EDGE, height: EDGE / 2 });
  });
});
