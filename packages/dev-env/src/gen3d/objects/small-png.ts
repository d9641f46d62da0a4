import { crc32 } from 'node:zlib';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/**
 * Encodes a small RGB picture as PNG without compression, so that the bytes depend on no version of zlib.
 *
 * @param rgb - 3 bytes a pixel, rows from the top; at most 65535 bytes with one filter byte a row.
 * @see https://www.w3.org/TR/png-3/ and RFC 1951, section 3.2.4 (stored blocks)
 */
export function encodeSmallPng(width: number, height: number, rgb: Uint8Array): Uint8Array {
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y++) {
    rows.set(rgb.subarray(3 * width * y, 3 * width * (y + 1)), y * (1 + 3 * width) + 1);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([SIGNATURE, pngChunk('IHDR', header), pngChunk('IDAT', storedZlib(rows)), pngChunk('IEND')]);
}

/** One chunk of a PNG: length, type, data and their checksum. */
export function pngChunk(type: string, data: Uint8Array = new Uint8Array()): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

function storedZlib(data: Uint8Array): Buffer {
  const stream = Buffer.alloc(data.length + 11);
  stream.set([0x78, 0x01, 0x01], 0);
  stream.writeUInt16LE(data.length, 3);
  stream.writeUInt16LE(~data.length & 0xffff, 5);
  stream.set(data, 7);
  stream.writeUInt32BE(adler32(data), 7 + data.length);
  return stream;
}

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}
