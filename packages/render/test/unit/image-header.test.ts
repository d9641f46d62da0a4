import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readImageHeader } from '../../src/check/image-header.js';
import { encodeKtx2 } from '../support/compressed.js';

const source = sharp({ create: { width: 37, height: 21, channels: 4, background: '#12345678' } });

describe('reading an image header', () => {
  it.each([
    ['png', 'png', source.clone().png()],
    ['interlaced png', 'png', source.clone().png({ progressive: true })],
    ['jpeg', 'jpeg', source.clone().jpeg()],
    [
      'progressive jpeg with metadata',
      'jpeg',
      source.clone().withMetadata({ density: 72 }).jpeg({ progressive: true }),
    ],
    ['lossy webp', 'webp', source.clone().removeAlpha().webp()],
    ['lossless webp', 'webp', source.clone().webp({ lossless: true })],
    ['webp with alpha', 'webp', source.clone().webp()],
  ])('finds the size of a %s', async (_name, format, image) => {
    expect(readImageHeader(await image.toBuffer())).toEqual({ kind: 'image', format, width: 37, height: 21 });
  });

  it('finds the size of a KTX2', async () => {
    const ktx2 = await encodeKtx2(Buffer.alloc(16 * 16 * 4, 200), 16, 'uastc');
    expect(readImageHeader(ktx2)).toEqual({ kind: 'image', format: 'ktx2', width: 16, height: 16 });
    ktx2.writeUInt32LE(37, 12);
    expect(readImageHeader(ktx2)).toEqual({ kind: 'foreign', format: 'KTX2 without Basis Universal' });
  });

  it('refuses an animated WebP by its flag, however many frames it has (reported)', async () => {
    const frames = [10, 20].map((grey) => ({ r: grey, g: grey, b: grey }));
    const pages = await Promise.all(
      frames.map((background) =>
        sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const animated = await sharp(pages, { join: { animated: true } })
      .webp()
      .toBuffer();
    expect(readImageHeader(animated)).toEqual({ kind: 'foreign', format: 'animated WebP' });
  });

  it.each<[string, (ktx2: Buffer) => void]>([
    ['thousands of levels', (ktx2) => ktx2.writeUInt32LE(5000, 40)],
    ['more levels than its size has', (ktx2) => ktx2.writeUInt32LE(6, 40)],
    ['a level past its end', (ktx2) => ktx2.writeBigUInt64LE(1_000_000n, 80)],
    ['a level of no end', (ktx2) => ktx2.writeBigUInt64LE(2n ** 64n - 1n, 88)],
    ['a level that unpacks to gigabytes', (ktx2) => ktx2.writeBigUInt64LE(4_000_000_000n, 96)],
  ])('refuses a KTX2 with %s', async (_what, bend) => {
    const ktx2 = await encodeKtx2(Buffer.alloc(16 * 16 * 4, 200), 16, 'uastc');
    bend(ktx2);
    expect(readImageHeader(ktx2)).toMatchObject({ kind: 'broken' });
  });

  it.each<[string, number]>([
    ['layers', 32],
    ['faces', 36],
    ['a depth', 28],
  ])('refuses a KTX2 with %s', async (_what, at) => {
    const ktx2 = await encodeKtx2(Buffer.alloc(16 * 16 * 4, 200), 16, 'etc1s');
    ktx2.writeUInt32LE(6, at);
    expect(readImageHeader(ktx2)).toMatchObject({ kind: 'foreign' });
  });

  it('names formats that glTF does not allow', async () => {
    expect(readImageHeader(await source.clone().gif().toBuffer())).toEqual({ kind: 'foreign', format: 'GIF' });
    expect(readImageHeader(await source.clone().avif().toBuffer())).toEqual({
      kind: 'foreign',
      format: 'AVIF or HEIF',
    });
    expect(readImageHeader(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toMatchObject({ format: 'SVG' });
  });

  it('never throws, whatever the bytes', async () => {
    const seeds = [
      await source.clone().png().toBuffer(),
      await source.clone().jpeg().toBuffer(),
      await source.clone().webp().toBuffer(),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.nat(64), fc.uint8Array({ maxLength: 40 }), (seed, at, noise) => {
        const bytes = Buffer.concat([seed.subarray(0, at), noise]);
        expect(['image', 'foreign', 'broken']).toContain(readImageHeader(bytes).kind);
      }),
      { numRuns: 500 },
    );
  });
});
