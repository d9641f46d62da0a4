import { GlbRefused } from '../glb-fault.js';
import { GLB_CAPS } from '../limits.js';
import { meshoptOf } from './extensions.js';
import type { Gltf, GltfBuffer, GltfBufferView, GltfMeshopt } from './gltf-schema.js';
import type { GltfReader } from './json.js';

/**
 * Reads the buffers, and checks that they lie in the binary chunk. All of them: a file must be whole in itself.
 *
 * Only buffer 0, the binary chunk, may hold bytes. A further buffer is allowed as the empty stand-in that meshopt
 * compression puts next to its compressed data.
 *
 * @throws GlbRefused `external_uri`, `bad_buffer`
 */
export function readBuffers(reader: GltfReader, binBytes: number): void {
  for (const i of reader.lists.buffers.keys()) {
    const where = `buffers[${i}]`;
    const buffer = reader.read('buffers', i);
    if (buffer?.uri !== undefined) {
      throw new GlbRefused({ code: 'external_uri', where: `${where}.uri`, uri: buffer.uri.slice(0, 100) });
    }
    if (!buffer || isStandIn(buffer)) continue;
    if (i !== 0) throw new GlbRefused({ code: 'bad_buffer', where, detail: 'is not the binary chunk' });
    if (buffer.byteLength > binBytes) {
      const detail = `has ${buffer.byteLength} bytes, the binary chunk ${binBytes}`;
      throw new GlbRefused({ code: 'bad_buffer', where, detail });
    }
  }
}

function isStandIn(buffer: GltfBuffer | undefined): boolean {
  return meshoptOf(buffer?.extensions)?.value.fallback === true;
}

/**
 * Checks that the buffer views which something drawn uses lie within their buffers.
 *
 * Each is in memory by itself when it is loaded, compressed or not, and any number of them may name the same bytes.
 *
 * @throws GlbRefused `bad_buffer`, or `too_complex` for what they would be in memory together
 */
export function checkBufferViews({ buffers, bufferViews }: Gltf): void {
  let [allBytes, decodedBytes] = [0, 0];
  for (const [i, view] of bufferViews.entries()) {
    if (!view) continue;
    checkBufferView(buffers, view, `bufferViews[${i}]`);
    allBytes += view.byteLength;
    if (meshoptOf(view.extensions)) decodedBytes += view.byteLength;
  }
  for (const [what, count, limit] of [
    ['bytes of unpacked buffers', decodedBytes, GLB_CAPS.decodedBytes],
    ['bytes of buffer views', allBytes, GLB_CAPS.viewBytes],
  ] as const) {
    if (count > limit) throw new GlbRefused({ code: 'too_complex', what, count, limit });
  }
}

/** @throws GlbRefused `bad_buffer` */
export function checkBufferView(buffers: Gltf['buffers'], view: GltfBufferView, where: string): void {
  checkRange(where, view, buffers[view.buffer]?.byteLength);
  const packed = meshoptOf(view.extensions);
  if (!packed) {
    if (isStandIn(buffers[view.buffer])) throw badBuffer(where, 'is in a buffer that holds no bytes');
    return;
  }
  const { name, value } = packed;
  const at = `${where}.extensions.${name}`;
  if (isStandIn(buffers[value.buffer])) throw badBuffer(at, 'is compressed in a buffer that holds no bytes');
  checkRange(at, value, buffers[value.buffer]?.byteLength);
  if (!fitsDecoder(value)) throw badBuffer(at, `has a stride of ${value.byteStride}, which its mode does not have`);
  if (value.count * value.byteStride !== view.byteLength) {
    throw badBuffer(at, `unpacks to ${value.count} × ${value.byteStride} bytes, not to ${view.byteLength}`);
  }
}

/**
 * Whether the decoder may be given such data: it does not check for itself, and its memory is shared between files.
 *
 * @see https://github.com/KhronosGroup/glTF/tree/main/extensions/2.0/Vendor/EXT_meshopt_compression
 */
function fitsDecoder({ mode, filter = 'NONE', byteStride, count }: GltfMeshopt): boolean {
  if (mode === 'INDICES') return byteStride === 2 || byteStride === 4;
  if (mode === 'TRIANGLES') return (byteStride === 2 || byteStride === 4) && count % 3 === 0;
  if (filter === 'QUATERNION') return byteStride === 8;
  if (filter === 'OCTAHEDRAL' || filter === 'COLOR') return byteStride === 4 || byteStride === 8;
  return byteStride % 4 === 0;
}

function checkRange(
  where: string,
  view: { readonly byteOffset?: number | undefined; readonly byteLength: number },
  bufferBytes: number | undefined,
): void {
  if (bufferBytes === undefined) throw badBuffer(where, 'names no buffer');
  const end = (view.byteOffset ?? 0) + view.byteLength;
  if (end > bufferBytes) {
    throw badBuffer(where, `ends at byte ${end} of a buffer of ${bufferBytes}`);
  }
}

function badBuffer(where: string, detail: string): GlbRefused {
  return new GlbRefused({ code: 'bad_buffer', where, detail });
}
