import type { Object3D, WebGLRenderer } from 'three';

/** What three asks to be put into order. */
interface RenderItem {
  readonly object: object;
  readonly material: object;
  readonly groupOrder: number;
  readonly renderOrder: number;
  readonly z: number;
}

/**
 * Lets a scene decide the order in which it is drawn. three breaks ties by ids, which come from the order in which loading
 * happened to finish: what is compressed comes later, and may come later still in a process whose decoder is not loaded
 * yet. Surfaces in one place show which was first.
 *
 * @returns Takes a scene whose objects are about to be drawn.
 */
export function orderByScene(renderer: WebGLRenderer): (root: Object3D) => void {
  let ranks = new WeakMap<object, number>();
  const rank = (of: object): number => ranks.get(of) ?? 0;
  const by = (a: RenderItem, b: RenderItem): number => a.groupOrder - b.groupOrder || a.renderOrder - b.renderOrder;
  // As three's own: by material, then from front to back; what is blended, from back to front.
  renderer.setOpaqueSort(
    (a: RenderItem, b: RenderItem) =>
      by(a, b) || rank(a.material) - rank(b.material) || a.z - b.z || rank(a.object) - rank(b.object),
  );
  renderer.setTransparentSort(
    (a: RenderItem, b: RenderItem) => by(a, b) || b.z - a.z || rank(a.object) - rank(b.object),
  );
  return (root) => {
    ranks = new WeakMap();
    let next = 0;
    root.traverse((object) => {
      for (const ranked of [object, (object as { material?: object }).material ?? object]) {
        if (!ranks.has(ranked)) ranks.set(ranked, next);
        next += 1;
      }
    });
  };
}
