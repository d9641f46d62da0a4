import { GlbRefused } from '../glb-fault.js';
import { GLB_CAPS } from '../limits.js';

/** The parts of a GLB file, as views of its bytes. */
export interface GlbContainer {
  readonly json: Uint8Array;
  /** The binary chunk; empty where the file has none. */
  readonly bin: Uint8Array;
}

const MAGIC = 0x46546c67;
const CHUNK_JSON = 0x4e4f534a;
const CHUNK_BIN = 0x004e4942;
const HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;

/**
 * Splits a GLB into its chunks, from the headers alone.
 *
 * Chunks of unknown types are skipped, as the specification asks; lengths must add up exactly.
 *
 * @see https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html#glb-file-format-specification
 * @throws GlbRefused `too_large`, `not_glb`, or `too_complex` for a JSON chunk over the cap
 */
export function readContainer(bytes: Uint8Array, maxBytes: number): GlbContainer {
  if (bytes.length > maxBytes) throw new GlbRefused({ code: 'too_large', bytes: bytes.length, limit: maxBytes });
  if (bytes.length < HEADER_BYTES + CHUNK_HEADER_BYTES) refuse(`${bytes.length} bytes are too few`);

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) refuse('it does not begin with "glTF"');
  const version = view.getUint32(4, true);
  if (version !== 2) refuse(`container version ${version}, not 2`);
  const declared = view.getUint32(8, true);
  if (declared !== bytes.length) refuse(`the header says ${declared} bytes, there are ${bytes.length}`);

  let json: Uint8Array | undefined;
  let bin: Uint8Array | undefined;
  let at = HEADER_BYTES;
  while (at + CHUNK_HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(at, true);
    const type = view.getUint32(at + 4, true);
    const start = at + CHUNK_HEADER_BYTES;
    if (length > bytes.length - start) refuse(`the chunk at byte ${at} reaches past the end of the file`);
    if (at === HEADER_BYTES && type !== CHUNK_JSON) refuse('its first chunk is not JSON');
    if (type === CHUNK_JSON && !json) json = bytes.subarray(start, start + length);
    else if (type === CHUNK_BIN && !bin) bin = bytes.subarray(start, start + length);
    // Writers that forget to count a chunk's padding exist; the next chunk then begins unaligned, as here.
    at = start + length;
  }
  if (!json) return refuse('it has no JSON chunk');
  if (json.length > GLB_CAPS.jsonBytes) {
    throw new GlbRefused({ code: 'too_complex', what: 'bytes of JSON', count: json.length, limit: GLB_CAPS.jsonBytes });
  }
  return { json, bin: bin ?? new Uint8Array(0) };
}

/**
 * A GLB with other JSON, and all that follows it as it was.
 *
 * @param glb - A file that `readContainer` takes.
 */
export function withJsonChunk(glb: Uint8Array, json: string): Uint8Array {
  const begin = HEADER_BYTES + CHUNK_HEADER_BYTES;
  const rest = glb.subarray(begin + new DataView(glb.buffer, glb.byteOffset).getUint32(HEADER_BYTES, true));
  const text = new TextEncoder().encode(json);
  const padded = Math.ceil(text.length / 4) * 4;
  const result = new Uint8Array(begin + padded + rest.length).fill(0x20, begin, begin + padded);
  result.set(glb.subarray(0, begin));
  result.set(text, begin);
  result.set(rest, begin + padded);
  const view = new DataView(result.buffer);
  view.setUint32(8, result.length, true);
  view.setUint32(HEADER_BYTES, padded, true);
  return result;
}

function refuse(detail: string): never {
  throw new GlbRefused({ code: 'not_glb', detail });
}
