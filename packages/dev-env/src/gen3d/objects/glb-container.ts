const MAGIC = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;
const BIN_CHUNK = 0x004e4942;

/**
 * Packs a glTF document and its binary buffer into a GLB.
 *
 * @see https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html, section 4.4
 */
export function packGlb(document: object, binary: Uint8Array): Uint8Array {
  const json = padded(Buffer.from(JSON.stringify(document)), 0x20);
  const bin = padded(Buffer.from(binary.buffer, binary.byteOffset, binary.byteLength), 0);
  const header = Buffer.alloc(12);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(2, 4);
  header.writeUInt32LE(28 + json.length + bin.length, 8);
  return Buffer.concat([header, chunkHeader(JSON_CHUNK, json), json, chunkHeader(BIN_CHUNK, bin), bin]);
}

/** Joins byte arrays, each padded with zeros to a multiple of four, and says where each begins and how long it is. */
export function joinAligned(blocks: readonly Uint8Array[]): { binary: Uint8Array; views: readonly BufferView[] } {
  const views: BufferView[] = [];
  let offset = 0;
  for (const block of blocks) {
    views.push({ buffer: 0, byteOffset: offset, byteLength: block.byteLength });
    offset += Math.ceil(block.byteLength / 4) * 4;
  }
  const binary = new Uint8Array(offset);
  for (const [index, block] of blocks.entries()) binary.set(block, views[index]?.byteOffset ?? 0);
  return { binary, views };
}

export interface BufferView {
  readonly buffer: 0;
  readonly byteOffset: number;
  readonly byteLength: number;
}

function chunkHeader(type: number, data: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(data.length, 0);
  header.writeUInt32LE(type, 4);
  return header;
}

function padded(data: Uint8Array, filler: number): Buffer {
  return Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4, filler)]);
}
