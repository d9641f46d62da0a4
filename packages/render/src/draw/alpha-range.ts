import type { Material, Mesh, MeshStandardMaterial, Texture } from 'three';

/** The least and the greatest alpha that a surface can show, 0 to 1. */
export interface AlphaRange {
  readonly min: number;
  readonly max: number;
}

const FULL: AlphaRange = { min: 1, max: 1 };

/** Finds alpha ranges, and remembers those of textures: meshes may share them. */
export class AlphaRanges {
  readonly #ofTextures = new Map<Texture['source'], AlphaRange>();

  /** Alpha of a mesh's base colour: factor, texture and vertex colours. Filtering a texture never leaves its range. */
  of(mesh: Mesh, material: Material): AlphaRange {
    const { map } = material as MeshStandardMaterial;
    const texels = map ? this.#ofTexture(map) : FULL;
    const vertices = material.vertexColors ? ofVertices(mesh) : FULL;
    const factor = material.opacity;
    return { min: factor * texels.min * vertices.min, max: factor * texels.max * vertices.max };
  }

  #ofTexture({ source }: Texture): AlphaRange {
    const known = this.#ofTextures.get(source);
    if (known) return known;
    const range = ofTexels((source.data as { readonly data: Uint8Array | null }).data);
    this.#ofTextures.set(source, range);
    return range;
  }
}

/** @param rgba - Null where a texture has no image. */
function ofTexels(rgba: Uint8Array | null): AlphaRange {
  if (rgba === null) return { min: 0, max: 1 };
  let [min, max] = [255, 0];
  for (let i = 3; i < rgba.length && (min > 0 || max < 255); i += 4) {
    const alpha = rgba[i] ?? 0;
    if (alpha < min) min = alpha;
    if (alpha > max) max = alpha;
  }
  return { min: min / 255, max: max / 255 };
}

function ofVertices({ geometry }: Mesh): AlphaRange {
  const colours = geometry.getAttribute('color');
  if (colours?.itemSize !== 4) return FULL;
  let [min, max] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < colours.count; i += 1) {
    const alpha = colours.getW(i);
    if (alpha < min) min = alpha;
    if (alpha > max) max = alpha;
  }
  return { min, max };
}
