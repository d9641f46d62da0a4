import type { Mesh, Texture } from 'three';
import type { CheckedGlb } from '../check/check-glb.js';
import { GlbRefused } from '../glb-fault.js';
import type { SurfaceMesh } from './check-scene.js';
import { decodeImage } from './decode-image.js';
import type { LoadedScene } from './load-scene.js';
import { halvingsByImage, texturesOf } from './texel-density.js';

/**
 * Decodes the images that the scene shows, each at the size at which the views can show it, and puts their pixels
 * into the scene's textures. Any image that fails fails the whole: a model without its texture is another model.
 *
 * @throws GlbRefused `bad_image`
 */
export async function loadTextures(
  glb: CheckedGlb,
  scene: LoadedScene,
  surfaces: readonly SurfaceMesh[],
  pixelsPerUnit: number,
): Promise<void> {
  const halvings = halvingsByImage(surfaces, scene.imageOf, glb.images, pixelsPerUnit);
  const decoded = await Promise.allSettled(
    [...halvings].map(async ([index, count]) => {
      const image = glb.images[index];
      if (!image) throw new GlbRefused({ code: 'bad_image', where: `images[${index}]`, detail: 'it does not exist' });
      return { index, pixels: await decodeImage(image, `images[${index}]`, count) };
    }),
  );
  const pixelsOf = new Map<number, Awaited<ReturnType<typeof decodeImage>>>();
  for (const result of decoded) {
    // Looked at in a fixed order, not as they fail, so that a file with two bad images always gets the same answer.
    if (result.status === 'rejected') throw result.reason;
    pixelsOf.set(result.value.index, result.value.pixels);
  }
  for (const texture of allTextures(surfaces.map((surface) => surface.mesh))) {
    const index = scene.imageOf(texture);
    const pixels = index === undefined ? undefined : pixelsOf.get(index);
    if (!pixels) continue;
    texture.source.data = pixels;
    texture.needsUpdate = true;
  }
}

function allTextures(meshes: readonly Mesh[]): Set<Texture> {
  return new Set(meshes.flatMap((mesh) => texturesOf(mesh.material)));
}
