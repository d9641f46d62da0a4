import { BufferAttribute, BufferGeometry, DynamicDrawUsage, type Material, type Mesh, type Vector3 } from 'three';
import type { SurfaceMesh } from '../load/check-scene.js';
import { AlphaRanges } from './alpha-range.js';
import { orderBackToFront } from './triangle-order.js';

/** Alpha from which on a surface is drawn as a solid one: nothing behind it would be seen. */
const SOLID_ALPHA = 0.95;

/** Blended surfaces, made ready to be drawn. */
export interface BlendedSurfaces {
  /** Meshes that were added to the scene. */
  readonly added: readonly Mesh[];
  /** Puts all translucent triangles into their order for a camera that looks this way. */
  lookAlong(forward: Vector3): void;
}

/**
 * Lets blended materials (`alphaMode` BLEND) hide what is behind them as far as they are solid.
 *
 * three draws such a mesh's triangles in the file's order and keeps no depth of them, so that the far side of an object
 * may cover the near one; and generators write BLEND for whole solid objects. So what is solid everywhere is drawn like
 * any opaque surface. What is solid in places is drawn twice: first its solid texels, with their depth, before anything
 * translucent; then all of it, blended. Translucent triangles are drawn from the farthest to the nearest, for each view.
 */
export function prepareBlended(surfaces: readonly SurfaceMesh[]): BlendedSurfaces {
  const [variants, ranges] = [new Variants(), new AlphaRanges()];
  const added: Mesh[] = [];
  const translucent: { readonly surface: SurfaceMesh; readonly index: BufferAttribute }[] = [];
  for (const surface of surfaces) {
    const { mesh } = surface;
    if (Array.isArray(mesh.material) || !mesh.material.transparent) continue;
    const { material } = mesh;
    const { min, max } = ranges.of(mesh, material);
    if (min >= SOLID_ALPHA) {
      mesh.material = variants.of(material, 'solid');
      continue;
    }
    let blended = mesh;
    if (max >= SOLID_ALPHA) {
      blended = mesh.clone(false);
      mesh.parent?.add(blended);
      mesh.material = variants.of(material, 'solid texels');
      added.push(blended);
    }
    const index = new BufferAttribute(new Uint32Array(3 * surface.triangles), 1).setUsage(DynamicDrawUsage);
    blended.geometry = withIndex(mesh.geometry, index);
    blended.material = variants.of(material, 'translucent');
    // After what is solid, among transmissive surfaces too.
    blended.renderOrder = 1;
    translucent.push({ surface, index });
  }
  return {
    added,
    lookAlong: (forward) => {
      for (const { surface, index } of translucent) {
        orderBackToFront(surface, forward, index.array as Uint32Array);
        index.needsUpdate = true;
      }
    },
  };
}

type Variant = 'solid' | 'solid texels' | 'translucent';

/** Materials as they are drawn: meshes that shared one share its variants. */
class Variants {
  readonly #made = new Map<Material, Partial<Record<Variant, Material>>>();

  of(material: Material, variant: Variant): Material {
    const made = this.#made.get(material) ?? {};
    this.#made.set(material, made);
    made[variant] ??= this.#make(material, variant);
    return made[variant];
  }

  #make(material: Material, variant: Variant): Material {
    const made = material.clone();
    made.transparent = variant === 'translucent';
    made.depthWrite = variant !== 'translucent';
    made.alphaTest = variant === 'solid texels' ? SOLID_ALPHA : 0;
    // Its triangles are in their order already, back faces among them.
    made.forceSinglePass = true;
    return made;
  }
}

/** The same vertices in another order: a geometry may be shared by meshes in several places. */
function withIndex(source: BufferGeometry, index: BufferAttribute): BufferGeometry {
  const geometry = new BufferGeometry().setIndex(index);
  for (const [name, attribute] of Object.entries(source.attributes)) geometry.setAttribute(name, attribute);
  geometry.morphAttributes = source.morphAttributes;
  geometry.morphTargetsRelative = source.morphTargetsRelative;
  geometry.boundingSphere = source.boundingSphere;
  return geometry;
}
