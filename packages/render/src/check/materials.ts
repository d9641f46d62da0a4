import { GlbRefused } from '../glb-fault.js';
import { GLB_CAPS } from '../limits.js';
import { DRACO } from './extensions.js';
import type { Gltf, GltfMaterial, GltfPrimitive, GltfTextureInfo } from './gltf-schema.js';

/**
 * Checks that every texture a material names exists, and that its sets of texture coordinates can be shown.
 *
 * @throws GlbRefused `bad_json`, `too_complex`
 */
export function checkMaterials(gltf: Gltf): void {
  for (const [i, material] of gltf.materials.entries()) {
    if (!material) continue;
    for (const { where, info } of textureInfosOf(material)) {
      if (gltf.textures[info.index]) continue;
      const detail = `textures[${info.index}] does not exist`;
      throw new GlbRefused({ code: 'bad_json', where: `materials[${i}].${where}`, detail });
    }
    const [count, limit] = [texCoordsOf(material).length, GLB_CAPS.texCoords];
    if (count > limit) {
      throw new GlbRefused({ code: 'too_complex', what: `texture coordinate sets of materials[${i}]`, count, limit });
    }
  }
}

/** Every texture reference in a material: the schema has left nothing else under a key that ends so. */
export function* textureInfosOf(part: object, at = ''): Generator<{ where: string; info: GltfTextureInfo }> {
  for (const [key, value] of Object.entries(part)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    if (key.endsWith('Texture')) yield { where: at + key, info: value as GltfTextureInfo };
    else yield* textureInfosOf(value, `${at}${key}.`);
  }
}

/** The sets of texture coordinates that a material uses, ascending. */
export function texCoordsOf(material: GltfMaterial): readonly number[] {
  const sets = [...textureInfosOf(material)].map(({ info }) => texCoordOf(info));
  // Its direction follows the first set where the mesh has no tangents, textures or not.
  if (material.extensions?.KHR_materials_anisotropy) sets.push(0);
  return [...new Set(sets)].sort((a, b) => a - b);
}

function texCoordOf({ texCoord = 0, extensions }: GltfTextureInfo): number {
  return extensions?.KHR_texture_transform?.texCoord ?? texCoord;
}

/**
 * Numbers each material's sets of texture coordinates from 0, and the attributes of what wears it likewise: glTF has as
 * many as a file likes, three's loader knows the first four.
 */
export function renumberTexCoords(gltf: Gltf): Gltf {
  const moved = new Map<number, readonly number[]>();
  const materials = gltf.materials.map((material, i) => {
    const sets = material ? texCoordsOf(material) : [];
    if (sets.every((set, slot) => set === slot)) return material;
    moved.set(i, sets);
    const copy = structuredClone(material);
    for (const { info } of copy ? textureInfosOf(copy) : []) {
      info.texCoord = sets.indexOf(texCoordOf(info));
      delete info.extensions?.KHR_texture_transform?.texCoord;
    }
    return copy;
  });
  if (moved.size === 0) return gltf;
  const renumbered = (primitive: GltfPrimitive) => {
    const sets = moved.get(primitive.material ?? -1);
    return sets ? withRenumbered(primitive, sets) : primitive;
  };
  const meshes = gltf.meshes.map((mesh) => mesh && { ...mesh, primitives: mesh.primitives.map(renumbered) });
  return { ...gltf, materials, meshes };
}

function withRenumbered(primitive: GltfPrimitive, sets: readonly number[]): GltfPrimitive {
  const renumbered = (attributes: GltfPrimitive['attributes']) =>
    Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => {
        const set = /^TEXCOORD_(\d+)$/.exec(name)?.[1];
        return [set === undefined ? name : `TEXCOORD_${sets.indexOf(Number(set))}`, value];
      }),
    );
  const draco = primitive.extensions?.[DRACO];
  return {
    ...primitive,
    attributes: renumbered(primitive.attributes),
    ...(draco && { extensions: { [DRACO]: { ...draco, attributes: renumbered(draco.attributes) } } }),
  };
}
