import { GlbRefused } from '../glb-fault.js';
import type { Gltf } from './gltf-schema.js';

/**
 * Checks that every texture a material names exists.
 *
 * @throws GlbRefused `bad_json`
 */
export function checkMaterials(gltf: Gltf): void {
  const textures = gltf.textures?.length ?? 0;
  for (const [i, material] of (gltf.materials ?? []).entries()) {
    for (const { where, index } of texturesOf(material, `materials[${i}]`)) {
      if (index >= textures) {
        throw new GlbRefused({ code: 'bad_json', where, reason: `textures[${index}] does not exist` });
      }
    }
  }
}

/** Every texture reference in a material: the schema has left nothing else under a key that ends so. */
function* texturesOf(part: object, where: string): Generator<{ where: string; index: number }> {
  for (const [key, value] of Object.entries(part)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    if (key.endsWith('Texture')) yield { where: `${where}.${key}`, index: (value as { index: number }).index };
    else yield* texturesOf(value, `${where}.${key}`);
  }
}
