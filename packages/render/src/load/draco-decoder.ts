import draco3d, { type DracoDecoder, type DracoMesh, type DracoModule } from 'draco3dgltf';
import { BufferAttribute, BufferGeometry, type TypedArray } from 'three';
import { GlbRefused } from '../glb-fault.js';

/** What one vertex attribute of a Draco mesh becomes: its id in the Draco data, and its array's type in glTF. */
export interface DracoAttributeRequest {
  readonly name: string;
  readonly id: number;
  readonly array: string;
}

const ARRAYS = {
  Float32Array,
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Uint32Array,
} as const;

let loading: Promise<DracoModule> | undefined;

/**
 * Decodes a Draco mesh in this thread. (three's own loader decodes in browser workers, which Node has not.)
 *
 * @param maxPoints - More vertices or indices than this are refused before they are copied out.
 * @throws GlbRefused `bad_buffer`, `too_complex`
 */
export async function decodeDraco(
  bytes: Uint8Array,
  attributes: readonly DracoAttributeRequest[],
  maxPoints: number,
): Promise<BufferGeometry> {
  loading ??= draco3d.createDecoderModule();
  const draco = await loading;
  const decoder = new draco.Decoder();
  const buffer = new draco.DecoderBuffer();
  const mesh = new draco.Mesh();
  try {
    buffer.Init(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes.byteLength);
    if (decoder.GetEncodedGeometryType(buffer) !== draco.TRIANGULAR_MESH) throw bad('it holds no triangles');
    const status = decoder.DecodeBufferToMesh(buffer, mesh);
    if (!status.ok() || mesh.ptr === 0) throw bad(status.error_msg().slice(0, 200));
    const count = Math.max(mesh.num_points(), mesh.num_faces() * 3);
    if (count > maxPoints) {
      throw new GlbRefused({ code: 'too_complex', what: 'vertices of Draco data', count, limit: maxPoints });
    }
    return copyOut(draco, decoder, mesh, attributes);
  } catch (error) {
    if (error instanceof GlbRefused) throw error;
    // An abort leaves the module unusable: the next mesh gets a new one.
    loading = undefined;
    throw bad(error instanceof Error ? error.message.slice(0, 200) : 'the decoder gave up');
  } finally {
    if (loading) for (const object of [mesh, buffer, decoder]) draco.destroy(object);
  }
}

function copyOut(
  draco: DracoModule,
  decoder: DracoDecoder,
  mesh: DracoMesh,
  attributes: readonly DracoAttributeRequest[],
): BufferGeometry {
  const geometry = new BufferGeometry();
  const types: Readonly<Record<string, number>> = {
    Float32Array: draco.DT_FLOAT32,
    Int8Array: draco.DT_INT8,
    Uint8Array: draco.DT_UINT8,
    Int16Array: draco.DT_INT16,
    Uint16Array: draco.DT_UINT16,
    Uint32Array: draco.DT_UINT32,
  };
  for (const { name, id, array } of attributes) {
    const attribute = decoder.GetAttributeByUniqueId(mesh, id);
    const dataType = types[array];
    if (attribute.ptr === 0 || dataType === undefined) throw bad(`it has no attribute ${id} (${name})`);
    const itemSize = attribute.num_components();
    const values = new ARRAYS[array as keyof typeof ARRAYS](mesh.num_points() * itemSize);
    fill(draco, values, (bytes, pointer) =>
      decoder.GetAttributeDataArrayForAllPoints(mesh, attribute, dataType, bytes, pointer),
    );
    geometry.setAttribute(name, new BufferAttribute(values, itemSize));
  }
  const indices = new Uint32Array(mesh.num_faces() * 3);
  fill(draco, indices, (bytes, pointer) => decoder.GetTrianglesUInt32Array(mesh, bytes, pointer));
  geometry.setIndex(new BufferAttribute(indices, 1));
  return geometry;
}

function fill(draco: DracoModule, target: TypedArray, write: (bytes: number, pointer: number) => boolean): void {
  const pointer = draco._malloc(target.byteLength);
  try {
    if (!write(target.byteLength, pointer)) throw bad('its data do not have the declared type');
    // The heap may have moved while it grew: HEAPU8 is read only now.
    const copied = draco.HEAPU8.subarray(pointer, pointer + target.byteLength);
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(copied);
  } finally {
    draco._free(pointer);
  }
}

function bad(reason: string): GlbRefused {
  return new GlbRefused({ code: 'bad_buffer', where: 'Draco data', detail: `cannot be decoded: ${reason}` });
}
