import { type BufferGeometry, type Material, Mesh } from 'three';
import { openGlb } from '../../src/check/check-glb.js';
import { GLB_LIMITS_DEFAULTS } from '../../src/limits.js';
import { loadScene } from '../../src/load/load-scene.js';

/** What three makes of a GLB's meshes. */
export async function loadedMeshes(glb: Uint8Array): Promise<Mesh<BufferGeometry, Material>[]> {
  const scene = await loadScene(openGlb(glb, GLB_LIMITS_DEFAULTS), 3 * GLB_LIMITS_DEFAULTS.max_triangles);
  const meshes: Mesh<BufferGeometry, Material>[] = [];
  scene.root.traverse((object) => {
    if (object instanceof Mesh) meshes.push(object);
  });
  return meshes;
}

/** The numbers of an attribute, element by element. */
export function valuesOf(geometry: BufferGeometry, name: string): number[] {
  const attribute = geometry.getAttribute(name);
  const elements = Array.from({ length: attribute.count }, (_, i) => i);
  const components = Array.from({ length: attribute.itemSize }, (_, i) => i);
  return elements.flatMap((i) => components.map((component) => attribute.getComponent(i, component)));
}
