import { GlbRefused } from '../glb-fault.js';
import { GLB_CAPS } from '../limits.js';
import { MESHOPT } from './extensions.js';
import type { Gltf } from './gltf-schema.js';

/**
 * Checks that buffers and buffer views lie within the binary chunk.
 *
 * Only buffer 0, the binary chunk, may hold bytes. A further buffer is allowed as the empty stand-in that meshopt
 * compression puts beside its compressed data.
 *
 * @throws GlbRefused `external_uri`, `bad_buffer`, or `too_complex` for what compressed views would unpack to
 */
export function checkBuffers(gltf: Gltf, binBytes: number): void {
  const buffers = gltf.buffers ?? [];
  for (const [i, buffer] of buffers.entries()) {
    const where = `buffers[${i}]`;
    if (buffer.uri !== undefined) {
      throw new GlbRefused({ code: 'external_uri', where: `${where}.uri`, uri: buffer.uri.slice(0, 100) });
    }
    if (isFallback(gltf, i)) continue;
    if (i !== 0) throw new GlbRefused({ code: 'bad_buffer', where, reason: 'is not the binary chunk' });
    if (buffer.byteLength > binBytes) {
      const reason = `has ${buffer.byteLength} bytes, the binary chunk ${binBytes}`;
      throw new GlbRefused({ code: 'bad_buffer', where, reason });
    }
  }
  checkBufferViews(gltf);
}

function isFallback(gltf: Gltf, buffer: number): boolean {
  return gltf.buffers?.[buffer]?.extensions?.[MESHOPT]?.fallback === true;
}

function checkBufferViews(gltf: Gltf): void {
  const buffers = gltf.buffers ?? [];
  let decodedBytes = 0;
  for (const [i, view] of (gltf.bufferViews ?? []).entries()) {
    const where = `bufferViews[${i}]`;
    checkRange(where, view, buffers[view.buffer]?.byteLength);
    const packed = view.extensions?.[MESHOPT];
    if (!packed) {
      if (isFallback(gltf, view.buffer)) {
        throw new GlbRefused({ code: 'bad_buffer', where, reason: 'is in a buffer that holds no bytes' });
      }
      continue;
    }
    if (isFallback(gltf, packed.buffer)) {
      throw new GlbRefused({ code: 'bad_buffer', where, reason: 'is compressed in a buffer that holds no bytes' });
    }
    checkRange(`${where}.extensions.${MESHOPT}`, packed, buffers[packed.buffer]?.byteLength);
    if (packed.count * packed.byteStride !== view.byteLength) {
      const reason = `unpacks to ${packed.count} × ${packed.byteStride} bytes, not to ${view.byteLength}`;
      throw new GlbRefused({ code: 'bad_buffer', where, reason });
    }
    decodedBytes += view.byteLength;
  }
  if (decodedBytes > GLB_CAPS.decodedBytes) {
    const facts = { what: 'bytes of unpacked buffers', count: decodedBytes, limit: GLB_CAPS.decodedBytes };
    throw new GlbRefused({ code: 'too_complex', ...facts });
  }
}

function checkRange(
  where: string,
  view: { readonly byteOffset?: number | undefined; readonly byteLength: number },
  bufferBytes: number | undefined,
): void {
  if (bufferBytes === undefined) throw new GlbRefused({ code: 'bad_buffer', where, reason: 'names no buffer' });
  const end = (view.byteOffset ?? 0) + view.byteLength;
  if (end > bufferBytes) {
    throw new GlbRefused({ code: 'bad_buffer', where, reason: `ends at byte ${end} of a buffer of ${bufferBytes}` });
  }
}
