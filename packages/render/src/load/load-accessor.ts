import { BufferAttribute, type TypedArray } from 'three';
import { componentsOf } from '../check/accessors.js';
import type { Gltf, GltfAccessor } from '../check/gltf-schema.js';
import { GlbRefused } from '../glb-fault.js';

const ARRAYS = {
  5120: Int8Array,
  5121: Uint8Array,
  5122: Int16Array,
  5123: Uint16Array,
  5125: Uint32Array,
  5126: Float32Array,
} as const;

/** Serves the bytes of a buffer view, unpacked, by its index. */
export type ViewBytes = (view: number) => Promise<ArrayBuffer>;

/**
 * Decodes an accessor to one packed array, whatever its layout: three's own loader keeps interleaved data as they are,
 * and then takes them for packed where a sparse accessor replaces some, or where an element crosses its stride.
 *
 * @throws GlbRefused `bad_accessor` where a sparse accessor's indices are out of range or not in order
 * @see https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html#accessors
 */
export async function loadAccessor(gltf: Gltf, index: number, viewBytes: ViewBytes): Promise<BufferAttribute> {
  const accessor = gltf.accessors[index];
  const where = `accessors[${index}]`;
  if (!accessor) throw new GlbRefused({ code: 'bad_accessor', where, detail: 'does not exist' });
  const dense = await denseValues(gltf, accessor, viewBytes);
  const { sparse } = accessor;
  const values = sparse ? await withSparse(accessor, sparse, dense, `${where}.sparse.indices`, viewBytes) : dense;
  return new BufferAttribute(values, componentsOf(accessor), accessor.normalized === true);
}

async function denseValues(gltf: Gltf, accessor: GltfAccessor, viewBytes: ViewBytes): Promise<TypedArray> {
  const { bufferView, byteOffset = 0, componentType, count } = accessor;
  const Values = ARRAYS[componentType];
  const size = componentsOf(accessor);
  if (bufferView === undefined) return new Values(count * size);
  const byteStride = gltf.bufferViews[bufferView]?.byteStride ?? size * Values.BYTES_PER_ELEMENT;
  const stride = byteStride / Values.BYTES_PER_ELEMENT;
  const spread = new Values(await viewBytes(bufferView), byteOffset, (count - 1) * stride + size);
  if (stride === size) return spread;
  const packed = new Values(count * size);
  for (let element = 0; element < count; element += 1) {
    for (let i = 0; i < size; i += 1) packed[element * size + i] = spread[element * stride + i] ?? 0;
  }
  return packed;
}

/** A copy of the dense values, since other accessors may share their bytes, with some elements replaced. */
async function withSparse(
  accessor: GltfAccessor,
  { count: replacements, indices, values }: NonNullable<GltfAccessor['sparse']>,
  dense: TypedArray,
  where: string,
  viewBytes: ViewBytes,
): Promise<TypedArray> {
  const size = componentsOf(accessor);
  const [indexBytes, valueBytes] = [await viewBytes(indices.bufferView), await viewBytes(values.bufferView)];
  const places = new ARRAYS[indices.componentType](indexBytes, indices.byteOffset ?? 0, replacements);
  const replacing = new ARRAYS[accessor.componentType](valueBytes, values.byteOffset ?? 0, replacements * size);
  const replaced = dense.slice();
  let last = -1;
  for (const [i, place] of places.entries()) {
    if (place >= accessor.count) {
      const detail = `has index ${place}, but there are ${accessor.count} elements`;
      throw new GlbRefused({ code: 'bad_accessor', where, detail });
    }
    if (place <= last) throw new GlbRefused({ code: 'bad_accessor', where, detail: 'are not in ascending order' });
    replaced.set(replacing.subarray(i * size, (i + 1) * size), place * size);
    last = place;
  }
  return replaced;
}
