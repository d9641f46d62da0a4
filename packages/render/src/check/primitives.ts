import { GlbRefused } from '../glb-fault.js';
import { GLB_CAPS } from '../limits.js';
import { DRACO } from './extensions.js';
import type { Gltf, GltfAccessor, GltfPrimitive } from './gltf-schema.js';

/** What drawing a mesh once costs. */
export interface MeshCost {
  readonly primitives: number;
  readonly triangles: number;
  /** Morph targets count as vertices: they cost as much. */
  readonly vertices: number;
}

const BYTE = [5120, 5121];
const SHORT = [5122, 5123];
const UNSIGNED = [5121, 5123, 5125];
const FLOAT = [5126];
const QUANTIZED = [...FLOAT, ...BYTE, ...SHORT];

/** Attributes that are rendered, and the accessors that may fill them (quantised ones included). */
const ATTRIBUTES: readonly {
  readonly name: RegExp;
  readonly types: readonly GltfAccessor['type'][];
  readonly components: readonly number[];
}[] = [
  { name: /^(POSITION|NORMAL)$/, types: ['VEC3'], components: QUANTIZED },
  { name: /^TANGENT$/, types: ['VEC4'], components: QUANTIZED },
  { name: /^TEXCOORD_[0-3]$/, types: ['VEC2'], components: QUANTIZED },
  { name: /^COLOR_0$/, types: ['VEC3', 'VEC4'], components: [...FLOAT, ...UNSIGNED] },
  { name: /^JOINTS_0$/, types: ['VEC4'], components: [5121, 5123] },
  { name: /^WEIGHTS_0$/, types: ['VEC4'], components: [...FLOAT, 5121, 5123] },
];

const TRIANGLES = 4;

/**
 * Checks what meshes refer to, and drops what is not rendered: points and lines, and attributes of no known meaning.
 *
 * @returns The document with what is left, and each mesh's cost.
 * @throws GlbRefused `bad_accessor`, `bad_json`, `bad_buffer`, `too_complex`
 */
export function checkMeshes(gltf: Gltf): { readonly gltf: Gltf; readonly costs: readonly MeshCost[] } {
  let primitives = 0;
  const costs: MeshCost[] = [];
  const meshes = (gltf.meshes ?? []).map((mesh, m) => {
    primitives += mesh.primitives.length;
    if (primitives > GLB_CAPS.primitives) {
      throw new GlbRefused({ code: 'too_complex', what: 'primitives', count: primitives, limit: GLB_CAPS.primitives });
    }
    const targets = mesh.primitives[0]?.targets?.length ?? 0;
    for (const [p, primitive] of mesh.primitives.entries()) {
      const where = `meshes[${m}].primitives[${p}]`;
      if ((primitive.targets?.length ?? 0) !== targets) throw badJson(where, 'has another number of morph targets');
      checkPrimitive(gltf, where, primitive);
    }
    const kept = mesh.primitives.filter(hasSurface).map(keepKnown);
    if ((mesh.weights?.length ?? targets) !== targets)
      throw badJson(`meshes[${m}].weights`, 'does not fit the morph targets');
    costs.push(costOf(gltf, kept));
    return { ...mesh, primitives: kept };
  });
  return { gltf: { ...gltf, meshes }, costs };
}

function checkPrimitive(gltf: Gltf, where: string, primitive: GltfPrimitive): void {
  const position = gltf.accessors?.[primitive.attributes.POSITION ?? -1];
  if (!position) throw badAccessor(`${where}.attributes.POSITION`, 'does not exist');
  checkAttributes(gltf, `${where}.attributes`, primitive.attributes, position.count);

  const targets = primitive.targets ?? [];
  if (targets.length > GLB_CAPS.morphTargets) {
    const limit = GLB_CAPS.morphTargets;
    throw new GlbRefused({ code: 'too_complex', what: 'morph targets', count: targets.length, limit });
  }
  for (const [t, target] of targets.entries()) checkAttributes(gltf, `${where}.targets[${t}]`, target, position.count);

  if (primitive.indices !== undefined) {
    const indices = gltf.accessors?.[primitive.indices];
    if (!indices) throw badAccessor(`${where}.indices`, 'does not exist');
    if (indices.type !== 'SCALAR' || !UNSIGNED.includes(indices.componentType) || indices.normalized) {
      throw badAccessor(`${where}.indices`, 'are not unsigned integers');
    }
  }
  if (primitive.material !== undefined && !gltf.materials?.[primitive.material]) {
    throw badJson(`${where}.material`, 'does not exist');
  }
  checkDraco(gltf, where, primitive);
}

function checkAttributes(gltf: Gltf, where: string, attributes: GltfPrimitive['attributes'], vertices: number): void {
  for (const [name, index] of Object.entries(attributes)) {
    const known = ATTRIBUTES.find((attribute) => attribute.name.test(name));
    if (!known) continue;
    const accessor = gltf.accessors?.[index];
    if (!accessor) throw badAccessor(`${where}.${name}`, 'does not exist');
    if (!known.types.includes(accessor.type) || !known.components.includes(accessor.componentType)) {
      throw badAccessor(`${where}.${name}`, `is ${accessor.type} of ${accessor.componentType}`);
    }
    if (accessor.count !== vertices) {
      throw badAccessor(`${where}.${name}`, `has ${accessor.count} elements for ${vertices} vertices`);
    }
  }
}

function checkDraco(gltf: Gltf, where: string, primitive: GltfPrimitive): void {
  const draco = primitive.extensions?.[DRACO];
  if (!draco) return;
  if (!gltf.bufferViews?.[draco.bufferView]) {
    throw new GlbRefused({
      code: 'bad_buffer',
      where: `${where}.extensions.${DRACO}.bufferView`,
      reason: 'does not exist',
    });
  }
  if ((primitive.mode ?? TRIANGLES) !== TRIANGLES)
    throw badJson(`${where}.mode`, 'is not triangles, but Draco holds triangles');
  if (primitive.indices === undefined) throw badJson(`${where}.indices`, 'is missing beside Draco');
  if (primitive.targets?.length) throw badJson(`${where}.targets`, 'cannot be morphed: the mesh is in Draco');
}

function keepKnown(primitive: GltfPrimitive): GltfPrimitive {
  const known = (attributes: GltfPrimitive['attributes']) =>
    Object.fromEntries(
      Object.entries(attributes).filter(([name]) => ATTRIBUTES.some((known) => known.name.test(name))),
    );
  const draco = primitive.extensions?.[DRACO];
  return {
    ...primitive,
    attributes: known(primitive.attributes),
    ...(primitive.targets && { targets: primitive.targets.map(known) }),
    ...(draco && { extensions: { [DRACO]: { ...draco, attributes: known(draco.attributes) } } }),
  };
}

function costOf(gltf: Gltf, primitives: readonly GltfPrimitive[]): MeshCost {
  let triangles = 0;
  let vertices = 0;
  for (const primitive of primitives) {
    const points = gltf.accessors?.[primitive.attributes.POSITION ?? -1]?.count ?? 0;
    const indices = primitive.indices === undefined ? points : (gltf.accessors?.[primitive.indices]?.count ?? 0);
    const mode = primitive.mode ?? TRIANGLES;
    triangles += mode === TRIANGLES ? Math.ceil(indices / 3) : Math.max(0, indices - 2);
    vertices += points * (1 + (primitive.targets?.length ?? 0));
  }
  return { primitives: primitives.length, triangles, vertices };
}

/** Triangles, strips and fans have a surface; points and lines have none. */
function hasSurface(primitive: GltfPrimitive): boolean {
  return (primitive.mode ?? TRIANGLES) >= TRIANGLES;
}

function badAccessor(where: string, reason: string): GlbRefused {
  return new GlbRefused({ code: 'bad_accessor', where, reason });
}

function badJson(where: string, reason: string): GlbRefused {
  return new GlbRefused({ code: 'bad_json', where, reason });
}
