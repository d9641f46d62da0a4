import { GlbRefused } from '../glb-fault.js';
import { GLB_CAPS } from '../limits.js';
import { BASISU, MESHOPT, WEBP } from './extensions.js';
import type { Gltf, GltfTexture } from './gltf-schema.js';
import { type ImageFormat, readImageHeader } from './image-header.js';

/** One image of a GLB: its encoded bytes and what its header says. */
export interface GlbImage {
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/**
 * Finds every image's bytes and reads its header, before anything is decoded.
 *
 * @throws GlbRefused `external_uri`, `bad_image`, `image_format`, `image_too_large`
 */
export function readImages(gltf: Gltf, bin: Uint8Array, maxPixels: number): GlbImage[] {
  return (gltf.images ?? []).map((image, i) => {
    const where = `images[${i}]`;
    const bytes =
      image.uri !== undefined ? fromDataUri(`${where}.uri`, image.uri) : fromBin(gltf, bin, where, image.bufferView);
    const header = readImageHeader(bytes);
    if (header.kind === 'foreign') throw new GlbRefused({ code: 'image_format', where, format: header.format });
    if (header.kind === 'broken') throw new GlbRefused({ code: 'bad_image', where, reason: header.reason });
    const { format, width, height } = header;
    const pixels = width * height;
    if (pixels > maxPixels) throw new GlbRefused({ code: 'image_too_large', where, pixels, limit: maxPixels });
    return { format, width, height, bytes };
  });
}

/** A small image inside the JSON is allowed; whatever else a URI can be is not. */
function fromDataUri(where: string, uri: string): Uint8Array {
  const external = () => new GlbRefused({ code: 'external_uri', where, uri: uri.slice(0, 100) });
  if (uri.length > GLB_CAPS.dataUriChars) throw external();
  const base64 = /^data:image\/(?:png|jpeg|webp|ktx2);base64,([A-Za-z0-9+/]*={0,2})$/.exec(uri)?.[1];
  if (base64 === undefined) throw external();
  return Buffer.from(base64, 'base64');
}

function fromBin(gltf: Gltf, bin: Uint8Array, where: string, viewIndex: number | undefined): Uint8Array {
  if (viewIndex === undefined) throw new GlbRefused({ code: 'bad_image', where, reason: 'it names no bytes' });
  const view = gltf.bufferViews?.[viewIndex];
  if (!view) throw new GlbRefused({ code: 'bad_image', where, reason: `bufferViews[${viewIndex}] does not exist` });
  if (view.extensions?.[MESHOPT]) {
    throw new GlbRefused({ code: 'bad_image', where, reason: 'its bytes are compressed as if they were a mesh' });
  }
  const offset = view.byteOffset ?? 0;
  return bin.subarray(offset, offset + view.byteLength);
}

/** The image that a texture shows: an extension's where there is one, else the plain source. */
export function textureSource(texture: GltfTexture): number | undefined {
  return texture.extensions?.[BASISU]?.source ?? texture.extensions?.[WEBP]?.source ?? texture.source;
}

/**
 * Checks that textures name images and samplers that exist, and sums the pixels they will hold in memory.
 *
 * An image counts once for every sampler that it is used with, because the renderer holds it once for each.
 *
 * @returns Pixels of all images.
 * @throws GlbRefused `bad_json`, `image_format`, `image_too_large`
 */
export function checkTextures(gltf: Gltf, images: readonly GlbImage[], maxPixels: number): number {
  const held = new Map<string, GlbImage>();
  const unused = new Set(images.keys());
  for (const [i, texture] of (gltf.textures ?? []).entries()) {
    const where = `textures[${i}]`;
    const source = textureSource(texture);
    if (source === undefined) {
      throw new GlbRefused({ code: 'image_format', where, format: 'without an image of a supported format' });
    }
    const image = images[source];
    if (!image) throw new GlbRefused({ code: 'bad_json', where, reason: `images[${source}] does not exist` });
    if (texture.sampler !== undefined && !gltf.samplers?.[texture.sampler]) {
      throw new GlbRefused({ code: 'bad_json', where, reason: `samplers[${texture.sampler}] does not exist` });
    }
    held.set(`${source} by ${texture.sampler ?? 'default'}`, image);
    unused.delete(source);
  }
  for (const i of unused) {
    const image = images[i];
    if (image) held.set(`${i} unused`, image);
  }
  const pixels = [...held.values()].reduce((sum, image) => sum + image.width * image.height, 0);
  const limit = maxPixels * GLB_CAPS.imagePixelsFactor;
  if (pixels > limit) throw new GlbRefused({ code: 'image_too_large', where: 'all images together', pixels, limit });
  return pixels;
}
