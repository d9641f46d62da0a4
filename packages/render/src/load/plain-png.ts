/** What pixels are made of. The rest is text, times and profiles, which glTF does not show. */
const DRAWN_CHUNKS = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
const SIGNATURE_BYTES = 8;
/** Length, type and checksum. */
const CHUNK_FRAME_BYTES = 12;

/**
 * A PNG without the chunks that do not decide its pixels. Decoders unpack compressed text and profiles before they come
 * to the pixels, for as long as the file likes: ten megabytes cost ten seconds.
 *
 * @param png - A PNG by its signature. What is damaged stays for the decoder to find.
 * @see https://www.w3.org/TR/png-3/#5Chunk-layout
 */
export function plainPng(png: Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const plain = new Uint8Array(png.length);
  plain.set(png.subarray(0, SIGNATURE_BYTES));
  let used = SIGNATURE_BYTES;
  let at = SIGNATURE_BYTES;
  while (at + CHUNK_FRAME_BYTES <= png.length) {
    const end = at + CHUNK_FRAME_BYTES + view.getUint32(at);
    const chunk = png.subarray(at, end);
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (DRAWN_CHUNKS.has(type)) {
      plain.set(chunk, used);
      used += chunk.length;
    }
    if (type === 'IEND') break;
    at = end;
  }
  return plain.subarray(0, used);
}
