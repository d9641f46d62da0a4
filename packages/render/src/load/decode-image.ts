import sharp from 'sharp';
import type { GlbImage } from '../check/images.js';
import { GlbRefused } from '../glb-fault.js';
import { decodeKtx2, type Pixels } from './basis-transcoder.js';
import { plainPng } from './plain-png.js';

/**
 * Decodes an image of a GLB to RGBA.
 *
 * Embedded colour profiles are ignored, as glTF demands.
 *
 * @param halvings - How often both edges are halved. JPEG and WebP are decoded at the smaller size directly, KTX2
 *   gives a smaller mip level. An image with an alpha channel is always decoded whole: shrinking would mix in the
 *   colours of its invisible pixels, which an opaque material shows.
 * @throws GlbRefused `bad_image`
 */
export async function decodeImage(image: GlbImage, where: string, halvings: number): Promise<Pixels> {
  try {
    if (image.format === 'ktx2') return await decodeKtx2(image.bytes, halvings);
    return await decodeWithSharp(image, halvings);
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 200) : 'the decoder gave up';
    throw new GlbRefused({ code: 'bad_image', where, detail });
  }
}

async function decodeWithSharp(image: GlbImage, halvings: number): Promise<Pixels> {
  const decoder = sharp(image.format === 'png' ? plainPng(image.bytes) : image.bytes, {
    limitInputPixels: image.width * image.height,
    failOn: 'error',
    sequentialRead: true,
    ignoreIcc: true,
  });
  const { hasAlpha, format, width, height } = await decoder.metadata();
  if (format !== image.format) throw new Error(`its header says ${image.format}, its data ${format}`);
  if (width !== image.width || height !== image.height) {
    throw new Error(`its header says ${image.width} × ${image.height}, its data ${width} × ${height}`);
  }
  if (halvings > 0 && !hasAlpha) {
    const scale = 2 ** -halvings;
    const [shownWidth, shownHeight] = [width, height].map((edge) => Math.max(1, Math.round(edge * scale)));
    decoder.resize(shownWidth, shownHeight, { fit: 'fill', kernel: 'linear' });
  }
  const { data, info } = await decoder
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    width: info.width,
    height: info.height,
  };
}
