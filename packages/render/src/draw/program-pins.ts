import type { Material, WebGLRenderer } from 'three';

/** The part of three's bookkeeping that says which shader programs a material has compiled. */
interface MaterialProperties {
  readonly programs?: ReadonlyMap<string, unknown>;
}

/** Programs kept; a program is some hundred kilobytes of driver memory. */
const MAX_PINNED = 48;

/**
 * Keeps compiled shader programs alive between models.
 *
 * three frees a program with its last material, and compiling it again for the next model costs 50 to 300 ms on
 * lavapipe. So the first material that comes with a program is kept, undisposed and without textures, in its place.
 */
export class ProgramPins {
  readonly #renderer: WebGLRenderer;
  /** By program key, least recently used first. */
  readonly #pinned = new Map<string, Material>();

  constructor(renderer: WebGLRenderer) {
    this.#renderer = renderer;
  }

  /** Takes over a material that its model has done with: disposes it, or keeps it for its programs. */
  release(material: Material): void {
    const { programs } = this.#renderer.properties.get(material) as MaterialProperties;
    let keep = false;
    for (const key of programs?.keys() ?? []) {
      const known = this.#pinned.get(key);
      this.#pinned.delete(key);
      this.#pinned.set(key, known ?? material);
      // A material that several meshes share is released once for each.
      keep ||= known === undefined || known === material;
    }
    if (keep) dropTextures(material);
    else material.dispose();
    this.#evict();
  }

  #evict(): void {
    for (const [key, material] of this.#pinned) {
      if (this.#pinned.size <= MAX_PINNED) return;
      this.#pinned.delete(key);
      if (![...this.#pinned.values()].includes(material)) material.dispose();
    }
  }
}

/** The textures are disposed by who loaded them; a kept material must not keep their pixels. */
function dropTextures(material: Material): void {
  for (const [name, value] of Object.entries(material)) {
    if ((value as { isTexture?: boolean } | null)?.isTexture) Object.assign(material, { [name]: null });
  }
}
