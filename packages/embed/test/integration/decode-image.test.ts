import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, IMAGE_LIMITS_DEFAULTS } from '../../src/decode-image.js';
import { drawing, flat } from '../support/pictures.js';

const fault = (code: string) => expect.objectContaining({ fault: expect.objectContaining({ code }) });

describe('decoding', () => {
  it('drops alpha instead of blending it', async () => {
    const pixels = Buffer.from([10, 20, 30, 0, 200, 100, 50, 128]);
    const png = await sharp(pixels, { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    expect([...(await decodeImage(png)).data]).toEqual([10, 20, 30, 200, 100, 50]);
  });

  it('ignores EXIF rotation', async () => {
    const upright = sharp({ create: { width: 30, height: 10, channels: 3, background: 'red' } });
    const turned = await upright.jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await decodeImage(turned)).toMatchObject({ width: 30, height: 10 });
  });

  it('spreads grey over three channels, and brings 16 bits down to 8', async () => {
    const grey = await sharp(Buffer.from([7, 99]), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect([...(await decodeImage(grey)).data]).toEqual([7, 7, 7, 99, 99, 99]);
    const deep = Uint16Array.of(0x0000, 0x8080, 0xffff);
    const png16 = await sharp(deep, { raw: { width: 1, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(png16).metadata()).depth).toBe('ushort');
    expect([...(await decodeImage(png16)).data]).toEqual([0, 128, 255]);
  });

  it.each(['png', 'jpeg', 'webp'] as const)('reads %s', async (format) => {
    const picture = await sharp(await flat({ r: 10, g: 200, b: 30 }))
      .toFormat(format)
      .toBuffer();
    const { data } = await decodeImage(picture);
    expect(Math.abs((data[1] ?? 0) - 200)).toBeLessThan(4);
  });

  it('refuses too many bytes before looking at them', async () => {
    const limits = { ...IMAGE_LIMITS_DEFAULTS, maxBytes: 10 };
    await expect(decodeImage(new Uint8Array(11), limits)).rejects.toEqual(fault('image_too_large'));
  });

  it('refuses too many pixels by the header alone', async () => {
    // 20000 x 20000 claimed by a few hundred bytes.
    const bomb = await flat({ r: 0, g: 0, b: 0 }, 16, 16);
    bomb.writeUInt32BE(20_000, 16);
    bomb.writeUInt32BE(20_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    await expect(decodeImage(bomb)).rejects.toEqual(fault('too_many_pixels'));
  });

  it('refuses a file that is cut off or damaged instead of guessing the rest', async () => {
    const whole = await drawing('<circle cx="256" cy="256" r="200" fill="teal"/>');
    await expect(decodeImage(whole.subarray(0, whole.length - 200))).rejects.toEqual(fault('not_an_image'));
    const damaged = Buffer.from(whole);
    damaged.fill(0x55, whole.length >> 1, (whole.length >> 1) + 40);
    await expect(decodeImage(damaged)).rejects.toEqual(fault('not_an_image'));
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('hello')],
    [
      'an SVG, which could reach for files',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ],
    ['only a PNG signature', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ])('refuses %s', async (_name, bytes) => {
    await expect(decodeImage(bytes)).rejects.toEqual(fault('not_an_image'));
  });
});
