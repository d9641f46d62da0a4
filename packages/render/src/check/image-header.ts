/** What the first bytes of an image say, or why they say nothing that can be rendered. */
export type ImageHeader =
  | { readonly kind: 'image'; readonly format: ImageFormat; readonly width: number; readonly height: number }
  /** A well-known format that glTF does not allow, or a variant of an allowed one that cannot be decoded. */
  | { readonly kind: 'foreign'; readonly format: string }
  | { readonly kind: 'broken'; readonly reason: string };

export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'ktx2';

/**
 * Reads format and dimensions from an image's header. Nothing is decoded, so a decompression bomb costs nothing.
 *
 * @see https://www.w3.org/TR/png-3/#11IHDR
 * @see https://developers.google.com/speed/webp/docs/riff_container
 * @see https://registry.khronos.org/KTX/specs/2.0/ktxspec.v2.html#_file_structure
 */
export function readImageHeader(bytes: Uint8Array): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (startsWith(bytes, PNG)) return readPng(bytes, view);
  if (startsWith(bytes, JPEG)) return readJpeg(bytes, view);
  if (startsWith(bytes, RIFF) && startsWith(bytes.subarray(8), WEBP)) return readWebp(bytes, view);
  if (startsWith(bytes, KTX2)) return readKtx2(bytes, view);
  const foreign = FOREIGN.find(({ at, magic }) => startsWith(bytes.subarray(at), magic));
  return foreign ? { kind: 'foreign', format: foreign.format } : broken('it is no known kind of image');
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff);
const RIFF = ascii('RIFF');
const WEBP = ascii('WEBP');
const KTX2 = Uint8Array.of(0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a);
const FOREIGN = [
  { at: 0, magic: ascii('GIF8'), format: 'GIF' },
  { at: 0, magic: ascii('BM'), format: 'BMP' },
  { at: 0, magic: ascii('II*\0'), format: 'TIFF' },
  { at: 0, magic: ascii('MM\0*'), format: 'TIFF' },
  { at: 0, magic: ascii('DDS '), format: 'DDS' },
  { at: 0, magic: Uint8Array.of(0xab, 0x4b, 0x54, 0x58, 0x20, 0x31, 0x31, 0xbb), format: 'KTX 1' },
  { at: 0, magic: ascii('<svg'), format: 'SVG' },
  { at: 0, magic: ascii('<?xml'), format: 'XML' },
  { at: 4, magic: ascii('ftyp'), format: 'AVIF or HEIF' },
  { at: 0, magic: Uint8Array.of(0xff, 0x0a), format: 'JPEG XL' },
  { at: 0, magic: ascii('#?RADIANCE'), format: 'Radiance HDR' },
  { at: 0, magic: Uint8Array.of(0x76, 0x2f, 0x31, 0x01), format: 'OpenEXR' },
];

function startsWith(bytes: Uint8Array, magic: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
}

function broken(reason: string): ImageHeader {
  return { kind: 'broken', reason };
}

function found(format: ImageFormat, width: number, height: number): ImageHeader {
  if (width < 1 || height < 1) return broken(`its size is ${width} × ${height}`);
  return { kind: 'image', format, width, height };
}

function readPng(bytes: Uint8Array, view: DataView): ImageHeader {
  if (bytes.length < 33 || !startsWith(bytes.subarray(12), ascii('IHDR'))) return broken('it has no PNG header');
  return found('png', view.getUint32(16), view.getUint32(20));
}

/** Walks the JPEG's segments up to the frame header: each step moves on by at least two bytes. */
function readJpeg(bytes: Uint8Array, view: DataView): ImageHeader {
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return broken('its JPEG segments are out of step');
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1; // fill byte
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2; // a marker without a body
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) break;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      if (at + 9 > bytes.length) break;
      return found('jpeg', view.getUint16(at + 7), view.getUint16(at + 5));
    }
    const length = view.getUint16(at + 2);
    if (length < 2) return broken('its JPEG segments are out of step');
    at += 2 + length;
  }
  return broken('it has no JPEG frame');
}

/** The flag of an animation, without which no decoder looks for its frames: thousands cost it seconds. */
const WEBP_ANIMATION = 0x02;

function readWebp(bytes: Uint8Array, view: DataView): ImageHeader {
  if (bytes.length < 30) return broken('it has no WebP header');
  const kind = String.fromCharCode(...bytes.subarray(12, 16));
  if (kind === 'VP8X' && ((bytes[20] ?? 0) & WEBP_ANIMATION) !== 0) return { kind: 'foreign', format: 'animated WebP' };
  if (kind === 'VP8X') return found('webp', uint24(bytes, 24) + 1, uint24(bytes, 27) + 1);
  if (kind === 'VP8 ') return found('webp', view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
  if (kind === 'VP8L') {
    const bits = view.getUint32(21, true);
    return found('webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  return broken('it has no WebP header');
}

function uint24(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
}

function readKtx2(bytes: Uint8Array, view: DataView): ImageHeader {
  if (bytes.length < 80) return broken('it has no KTX2 header');
  const [vkFormat, width, height, depth, layers, faces] = [12, 20, 24, 28, 32, 36].map((at) =>
    view.getUint32(at, true),
  );
  // KHR_texture_basisu: two-dimensional, one layer, one face, and a format that is left to the transcoder.
  if (vkFormat !== 0) return { kind: 'foreign', format: 'KTX2 without Basis Universal' };
  if (depth !== 0 || (layers ?? 0) > 1 || faces !== 1)
    return { kind: 'foreign', format: 'KTX2 that is not one flat image' };
  const fault = ktx2LevelFault(bytes, view, width ?? 0, height ?? 0);
  return fault === undefined ? found('ktx2', width ?? 0, height ?? 0) : broken(fault);
}

/** What is wrong with the index of mip levels. The transcoder takes memory for what a level says it unpacks to. */
function ktx2LevelFault(bytes: Uint8Array, view: DataView, width: number, height: number): string | undefined {
  const levels = Math.max(1, view.getUint32(40, true));
  if (levels > 1 + Math.floor(Math.log2(Math.max(1, width, height)))) return `it has ${levels} levels`;
  if (bytes.length < 80 + 24 * levels) return 'its index of levels is cut off';
  for (let level = 0; level < levels; level += 1) {
    const [offset = 0, length = 0, unpacked = 0] = [0, 8, 16].map((at) =>
      Number(view.getBigUint64(80 + 24 * level + at, true)),
    );
    if (offset + length > bytes.length) return `its level ${level} ends at byte ${offset + length} of ${bytes.length}`;
    // 16 bytes for a block of 4 × 4 pixels; ETC1S needs fewer, and says 0.
    const blocks = [width, height].map((edge) => Math.ceil(Math.max(1, edge >> level) / 4));
    if (unpacked > 16 * (blocks[0] ?? 0) * (blocks[1] ?? 0)) return `its level ${level} unpacks to ${unpacked} bytes`;
  }
  return undefined;
}
