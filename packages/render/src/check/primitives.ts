import { GlbRefused } from '../glb-fault.js';
import { GLB_CAPS } from '../limits.js';
import { DRACO, QUANTIZATION } from './extensions.js';
import type { Gltf, GltfAccessor, GltfPrimitive } from './gltf-schema.js';

/** What drawing a mesh once costs. */
export interface MeshCost {
  readonly primitives: number;
  readonly triangles: number;
  /** Morph targets count as vertices: they cost as much. */
  readonly vertices: number;
}

const BYTES = [5120, 5121];
const SHORTS = [5122, 5123];
const UNSIGNED = [5121, 5123, 5125];
const FLOAT = 5126;
const QUANTIZED = [FLOAT, ...BYTES, ...SHORTS];

/** What an attribute's accessor may hold. */
interface AttributeForm {
  readonly name: RegExp;
  readonly types: readonly GltfAccessor['type'][];
  readonly components: readonly number[];
  /** What integers must be; anything where it is left out. `by_extension`: normalised, unless the file is quantised. */
  readonly normalized?: boolean | 'by_extension';
}

/** Attributes that are rendered, and the accessors that may fill them (quantised ones included). */
const ATTRIBUTES: readonly AttributeForm[] = [
  { name: /^(POSITION|NORMAL)$/, types: ['VEC3'], components: QUANTIZED },
  { name: /^TANGENT$/, types: ['VEC4'], components: QUANTIZED },
  { name: /^TEXCOORD_\d+$/, types: ['VEC2'], components: QUANTIZED, normalized: 'by_extension' },
  { name: /^COLOR_0$/, types: ['VEC3', 'VEC4'], components: [FLOAT, 5121, 5123], normalized: true },
  { name: /^JOINTS_0$/, types: ['VEC4'], components: [5121, 5123], normalized: false },
  { name: /^WEIGHTS_0$/, types: ['VEC4'], components: [FLOAT, 5121, 5123], normalized: true },
];

/** The same for morph targets, which hold differences. */
const TARGETS: readonly AttributeForm[] = [
  { name: /^(POSITION|NORMAL)$/, types: ['VEC3'], components: QUANTIZED },
  { name: /^COLOR_0$/, types: ['VEC3', 'VEC4'], components: QUANTIZED, normalized: true },
];

const TRIANGLES = 4;

/**
 * Checks what the drawn meshes refer to.
 *
 * @returns Each drawn mesh's cost.
 * @throws GlbRefused `bad_accessor`, `bad_json`, `bad_buffer`, `too_complex`
 */
export function checkMeshes(gltf: Gltf): readonly (MeshCost | undefined)[] {
  let primitives = 0;
  return gltf.meshes.map((mesh, m) => {
    if (!mesh) return undefined;
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
    // Without primitives nothing of it is drawn, and the right number of weights is unknown.
    if (mesh.primitives.length > 0 && (mesh.weights?.length ?? targets) !== targets)
      throw badJson(`meshes[${m}].weights`, 'does not fit the morph targets');
    return costOf(gltf, mesh.primitives);
  });
}

function checkPrimitive(gltf: Gltf, where: string, primitive: GltfPrimitive): void {
  const position = gltf.accessors[primitive.attributes.POSITION ?? -1];
  if (!position) throw badAccessor(`${where}.attributes.POSITION`, 'does not exist');
  checkAttributes(gltf, `${where}.attributes`, primitive.attributes, ATTRIBUTES, position.count);
  for (const [t, target] of (primitive.targets ?? []).entries()) {
    checkAttributes(gltf, `${where}.targets[${t}]`, target, TARGETS, position.count);
  }

  if (primitive.indices !== undefined) {
    const indices = gltf.accessors[primitive.indices];
    if (!indices) throw badAccessor(`${where}.indices`, 'does not exist');
    if (indices.type !== 'SCALAR' || !UNSIGNED.includes(indices.componentType) || indices.normalized) {
      throw badAccessor(`${where}.indices`, 'are not unsigned integers');
    }
  }
  if (primitive.material !== undefined && !gltf.materials[primitive.material]) {
    throw badJson(`${where}.material`, 'does not exist');
  }
  checkDraco(gltf, where, primitive);
}

function checkAttributes(
  gltf: Gltf,
  where: string,
  attributes: GltfPrimitive['attributes'],
  forms: readonly AttributeForm[],
  vertices: number,
): void {
  for (const [name, index] of Object.entries(attributes)) {
    const form = forms.find((one) => one.name.test(name));
    if (!form) continue;
    const accessor = gltf.accessors[index];
    if (!accessor) throw badAccessor(`${where}.${name}`, 'does not exist');
    const { type, componentType, normalized = false, count } = accessor;
    if (!form.types.includes(type) || !form.components.includes(componentType)) {
      throw badAccessor(`${where}.${name}`, `is ${type} of ${componentType}`);
    }
    if (componentType !== FLOAT && normalized !== normalizedAsIs(gltf, form, normalized)) {
      const integers = `holds integers ${normalized ? 'with' : 'without'} \`normalized\``;
      const remedy =
        form.normalized === 'by_extension' ? `needs it, or the extension ${QUANTIZATION}` : `needs ${form.normalized}`;
      throw badAccessor(`${where}.${name}`, `(accessors[${index}]) ${integers}; glTF ${remedy} there`);
    }
    if (count !== vertices) {
      throw badAccessor(`${where}.${name}`, `has ${count} elements for ${vertices} vertices`);
    }
  }
}

/** What `normalized` must be, given what it is. */
function normalizedAsIs(gltf: Gltf, { normalized }: AttributeForm, is: boolean): boolean {
  if (normalized !== 'by_extension') return normalized ?? is;
  const isQuantized = [gltf.extensionsUsed, gltf.extensionsRequired].some((list) => list?.includes(QUANTIZATION));
  return isQuantized ? is : true;
}

function checkDraco(gltf: Gltf, where: string, primitive: GltfPrimitive): void {
  const draco = primitive.extensions?.[DRACO];
  if (!draco) return;
  if (!gltf.bufferViews[draco.bufferView]) {
    throw new GlbRefused({
      code: 'bad_buffer',
      where: `${where}.extensions.${DRACO}.bufferView`,
      detail: 'does not exist',
    });
  }
  if ((primitive.mode ?? TRIANGLES) !== TRIANGLES)
    throw badJson(`${where}.mode`, 'is not triangles, but Draco holds triangles');
  if (primitive.indices === undefined) throw badJson(`${where}.indices`, 'is missing beside Draco');
}

function costOf(gltf: Gltf, primitives: readonly GltfPrimitive[]): MeshCost {
  let triangles = 0;
  let vertices = 0;
  for (const primitive of primitives) {
    const points = gltf.accessors[primitive.attributes.POSITION ?? -1]?.count ?? 0;
    const indices = primitive.indices === undefined ? points : (gltf.accessors[primitive.indices]?.count ?? 0);
    const mode = primitive.mode ?? TRIANGLES;
    triangles += mode === TRIANGLES ? Math.ceil(indices / 3) : Math.max(0, indices - 2);
    vertices += points * (1 + (primitive.targets?.length ?? 0));
  }
  return { primitives: primitives.length, triangles, vertices };
}

function badAccessor(where: string, detail: string): GlbRefused {
  return new GlbRefused({ code: 'bad_accessor', where, detail });
}

function badJson(where: string, detail: string): GlbRefused {
  return new GlbRefused({ code: 'bad_json', where, detail });
}
