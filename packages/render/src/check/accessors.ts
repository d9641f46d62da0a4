import { GlbRefused } from '../glb-fault.js';
import type { Gltf, GltfAccessor } from './gltf-schema.js';

const COMPONENT_BYTES = { 5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4 } as const;
const COMPONENTS = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4, MAT2: 4, MAT3: 9, MAT4: 16 } as const;

/**
 * Checks that every accessor which something drawn uses lies within its buffer view and is aligned.
 *
 * Counts are capped where they are used: those without a buffer view would else cost memory that the file does not have.
 * The numbers of the elements that a sparse accessor replaces are looked at when they are decoded.
 *
 * @throws GlbRefused `bad_accessor`
 */
export function checkAccessors(gltf: Gltf): void {
  for (const [i, accessor] of gltf.accessors.entries()) {
    if (!accessor) continue;
    const where = `accessors[${i}]`;
    if (accessor.bufferView !== undefined) checkDense(gltf, where, accessor, accessor.bufferView);
    if (accessor.sparse) checkSparse(gltf, where, accessor);
  }
}

/** Numbers in one element. */
export function componentsOf({ type }: GltfAccessor): number {
  return COMPONENTS[type];
}

/** Bytes of one element, without any stride. */
function elementBytes(accessor: GltfAccessor): number {
  return COMPONENT_BYTES[accessor.componentType] * componentsOf(accessor);
}

function checkDense(gltf: Gltf, where: string, accessor: GltfAccessor, viewIndex: number): void {
  const view = gltf.bufferViews[viewIndex];
  if (!view) throw refuse(where, `names bufferViews[${viewIndex}], which does not exist`);
  const componentBytes = COMPONENT_BYTES[accessor.componentType];
  const size = elementBytes(accessor);
  const stride = view.byteStride ?? size;
  const offset = accessor.byteOffset ?? 0;
  if (offset % componentBytes !== 0 || stride % componentBytes !== 0) throw refuse(where, 'is not aligned');
  if (stride < size) throw refuse(where, `has a stride of ${stride} for elements of ${size} bytes`);
  const end = offset + (accessor.count - 1) * stride + size;
  if (end > view.byteLength) throw refuse(where, `ends at byte ${end} of a buffer view of ${view.byteLength}`);
}

function checkSparse(gltf: Gltf, where: string, accessor: GltfAccessor): void {
  const sparse = accessor.sparse;
  if (!sparse) return;
  if (sparse.count > accessor.count) throw refuse(where, `replaces ${sparse.count} of ${accessor.count} elements`);
  const parts = [
    { name: 'indices', part: sparse.indices, unit: COMPONENT_BYTES[sparse.indices.componentType], size: 0 },
    {
      name: 'values',
      part: sparse.values,
      unit: COMPONENT_BYTES[accessor.componentType],
      size: elementBytes(accessor),
    },
  ];
  for (const { name, part, unit, size } of parts) {
    const view = gltf.bufferViews[part.bufferView];
    if (!view) throw refuse(`${where}.sparse.${name}`, `names bufferViews[${part.bufferView}], which does not exist`);
    const offset = part.byteOffset ?? 0;
    if (offset % unit !== 0) throw refuse(`${where}.sparse.${name}`, 'is not aligned');
    const end = offset + sparse.count * (size || unit);
    if (end > view.byteLength) throw refuse(`${where}.sparse.${name}`, `ends at byte ${end} of ${view.byteLength}`);
  }
}

function refuse(where: string, detail: string): GlbRefused {
  return new GlbRefused({ code: 'bad_accessor', where, detail });
}
