import { type GlbFault, GlbRefused } from '../glb-fault.js';
import { GLB_CAPS, GLB_LIMITS_DEFAULTS, type GlbLimits } from '../limits.js';
import { checkBufferView } from './buffers.js';
import { BASISU, meshoptOf, WEBP } from './extensions.js';
import type { Gltf, GltfTexture } from './gltf-schema.js';
import { type ImageFormat, readImageHeader } from './image-header.js';
import type { GltfReader } from './json.js';

/** One image of a GLB: its encoded bytes and what its header says. */
export interface GlbImage {
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** An image that can be drawn, or what is wrong with it: a fault of the file only if something drawn needs it. */
export type ReadImage =
  | { readonly image: GlbImage; readonly fault?: undefined }
  | { readonly image?: undefined; readonly fault: GlbFault };

/**
 * Finds every image's bytes and reads its header, before anything is decoded.
 *
 * An image outside the file, or one that is too large, is refused whether it is drawn or not.
 *
 * @throws GlbRefused `external_uri`, `image_too_large`
 */
export function readImages(reader: GltfReader, bin: Uint8Array, limits: GlbLimits): ReadImage[] {
  return [...reader.lists.images.keys()].map((i) => {
    try {
      return { image: readImage(reader, bin, i, limits) };
    } catch (error) {
      if (!(error instanceof GlbRefused)) throw error;
      const { fault } = error;
      if (fault.code === 'external_uri' || fault.code === 'image_too_large') throw error;
      return { fault };
    }
  });
}

function readImage(reader: GltfReader, bin: Uint8Array, index: number, limits: GlbLimits): GlbImage {
  const where = `images[${index}]`;
  const { uri, bufferView } = reader.read('images', index) ?? {};
  const bytes = uri !== undefined ? fromDataUri(`${where}.uri`, uri) : fromBin(reader, bin, where, bufferView);
  const header = readImageHeader(bytes);
  if (header.kind === 'foreign') throw new GlbRefused({ code: 'image_format', where, format: header.format });
  if (header.kind === 'broken') throw new GlbRefused({ code: 'bad_image', where, detail: header.reason });
  const { format, width, height } = header;
  const { max_image_pixels: limit, max_image_side: maxSide = GLB_LIMITS_DEFAULTS.max_image_side } = limits;
  const [side, pixels] = [Math.max(width, height), width * height];
  if (side > maxSide) {
    throw new GlbRefused({ code: 'image_too_large', where: `a side of ${where}`, pixels: side, limit: maxSide });
  }
  if (pixels > limit) throw new GlbRefused({ code: 'image_too_large', where, pixels, limit });
  return { format, width, height, bytes };
}

/** A small image inside the JSON is allowed; whatever else a URI can be is not. */
function fromDataUri(where: string, uri: string): Uint8Array {
  const external = () => new GlbRefused({ code: 'external_uri', where, uri: uri.slice(0, 100) });
  if (uri.length > GLB_CAPS.dataUriChars) throw external();
  const base64 = /^data:image\/(?:png|jpeg|webp|ktx2);base64,([A-Za-z0-9+/]*={0,2})$/.exec(uri)?.[1];
  if (base64 === undefined) throw external();
  return Buffer.from(base64, 'base64');
}

function fromBin(reader: GltfReader, bin: Uint8Array, where: string, index: number | undefined): Uint8Array {
  if (index === undefined) throw new GlbRefused({ code: 'bad_image', where, detail: 'it names no bytes' });
  const view = reader.read('bufferViews', index);
  if (!view) throw new GlbRefused({ code: 'bad_image', where, detail: `bufferViews[${index}] does not exist` });
  checkBufferView(reader.lists.buffers, view, `bufferViews[${index}]`);
  if (meshoptOf(view.extensions)) {
    throw new GlbRefused({ code: 'bad_image', where, detail: 'its bytes are compressed as if they were a mesh' });
  }
  const offset = view.byteOffset ?? 0;
  return bin.subarray(offset, offset + view.byteLength);
}

/** The images that a texture may show, the best first: an extension's, then the plain one. */
function sourcesOf({ extensions, source }: GltfTexture): readonly number[] {
  return [extensions?.[BASISU]?.source, extensions?.[WEBP]?.source, source].filter((one) => one !== undefined);
}

/**
 * Chooses the image that each drawn texture shows, checks that its sampler exists, and sums the pixels that all images
 * will hold in memory.
 *
 * An image counts once for every sampler that it is used with, because the renderer holds it once for each.
 *
 * @returns The textures with their one source, and the pixels of all images.
 * @throws GlbRefused `bad_json`, `bad_image`, `image_format`, `image_too_large`
 */
export function checkTextures(
  gltf: Gltf,
  images: readonly ReadImage[],
  { max_image_pixels: maxPixels }: GlbLimits,
): { readonly textures: Gltf['textures']; readonly imagePixels: number } {
  const held = new Map<string, GlbImage>();
  const unused = new Set(images.keys());
  const textures = gltf.textures.map((texture, i) => {
    if (!texture) return undefined;
    const where = `textures[${i}]`;
    const { source, image } = shownBy(texture, images, where);
    if (texture.sampler !== undefined && !gltf.samplers[texture.sampler]) {
      throw new GlbRefused({ code: 'bad_json', where, detail: `samplers[${texture.sampler}] does not exist` });
    }
    held.set(`${source} by ${texture.sampler ?? 'default'}`, image);
    unused.delete(source);
    return { sampler: texture.sampler, source };
  });
  for (const i of unused) {
    const image = images[i]?.image;
    if (image) held.set(`${i} unused`, image);
  }
  const imagePixels = [...held.values()].reduce((sum, image) => sum + image.width * image.height, 0);
  const limit = maxPixels * GLB_CAPS.imagePixelsFactor;
  if (imagePixels > limit) {
    throw new GlbRefused({ code: 'image_too_large', where: 'all images together', pixels: imagePixels, limit });
  }
  return { textures, imagePixels };
}

/** The first image of a texture that can be drawn; if none can, the first one's fault is the texture's. */
function shownBy(texture: GltfTexture, images: readonly ReadImage[], where: string) {
  const sources = sourcesOf(texture);
  for (const source of sources) {
    const image = images[source]?.image;
    if (image) return { source, image };
  }
  const [first] = sources;
  if (first === undefined) {
    throw new GlbRefused({ code: 'image_format', where, format: 'without an image of a supported format' });
  }
  const fault = images[first]?.fault;
  throw new GlbRefused(fault ?? { code: 'bad_json', where, detail: `images[${first}] does not exist` });
}
