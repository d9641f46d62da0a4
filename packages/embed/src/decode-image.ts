import sharp from 'sharp';
import { EmbedError } from './embed-error.js';

/** Bounds of what is decoded. A picture beyond them is refused before its pixels are touched. */
export interface ImageLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
  readonly timeoutSeconds: number;
}

export const IMAGE_LIMITS_DEFAULTS: ImageLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxPixels: 16_777_216,
  timeoutSeconds: 30,
};

/** Pixels of a picture: interleaved R, G, B bytes, rows from the top. */
export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Decodes a PNG, JPEG or WebP the way the model's reference pipeline does: alpha is dropped (not composited), EXIF
 * rotation and ICC profiles are ignored, grey becomes three equal channels.
 *
 * @throws {EmbedError} `image_too_large`, `too_many_pixels`, `not_an_image` (also for a truncated or damaged file).
 */
export async function decodeImage(bytes: Uint8Array, limits: ImageLimits = IMAGE_LIMITS_DEFAULTS): Promise<RgbImage> {
  if (bytes.byteLength > limits.maxBytes) {
    throw new EmbedError({ code: 'image_too_large', sizeBytes: bytes.byteLength, maxBytes: limits.maxBytes });
  }
  // libvips reads many formats, SVG among them; only these three are ever pictures of ours.
  if (!looksLikePicture(bytes)) throw new EmbedError({ code: 'not_an_image', detail: 'unknown file signature' });
  await refuseTooManyPixels(bytes, limits.maxPixels);

  try {
    const { data, info } = await sharp(bytes, { ignoreIcc: true, limitInputPixels: limits.maxPixels })
      .toColourspace('srgb')
      .removeAlpha()
      .timeout({ seconds: limits.timeoutSeconds })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3 || data.byteLength !== info.width * info.height * 3) {
      throw new Error(`decoded to ${info.channels} channels, ${data.byteLength} bytes`);
    }
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    throw new EmbedError({ code: 'not_an_image', detail: reasonOf(cause) }, { cause });
  }
}

async function refuseTooManyPixels(bytes: Uint8Array, maxPixels: number): Promise<void> {
  let size: { width: number; height: number };
  try {
    size = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw new EmbedError({ code: 'not_an_image', detail: reasonOf(cause) }, { cause });
  }
  const { width, height } = size;
  if (width * height > maxPixels) throw new EmbedError({ code: 'too_many_pixels', width, height, maxPixels });
}

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG = [0xff, 0xd8, 0xff];
const RIFF = [0x52, 0x49, 0x46, 0x46];
const WEBP = [0x57, 0x45, 0x42, 0x50];

function looksLikePicture(bytes: Uint8Array): boolean {
  const has = (signature: readonly number[], at = 0) => signature.every((byte, i) => bytes[at + i] === byte);
  return has(PNG) || has(JPEG) || (has(RIFF) && has(WEBP, 8));
}

function reasonOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0]?.slice(0, 200) ?? '';
}
