import { Material, type Texture } from 'three';
import { type SurfaceMesh, triangleArea, vertexOf } from './check-scene.js';

/** Triangles looked at in one mesh: enough to know how its texture is spread, in a few milliseconds. */
const SAMPLES = 20_000;
/** The share of the surface that may get less than one texel for a pixel. */
const BLURRED_SHARE = 0.1;
const MAX_HALVINGS = 3;

/** A texture's size, by the image that it shows. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Finds how often each image can be halved before the views would show less than they could.
 *
 * A texture with more than one texel for a (supersampled) pixel is drawn from a smaller mip level anyway. So an image is
 * worth decoding only as large as gives one texel for a pixel, on all but a tenth of the surface that wears it.
 *
 * @param pixelsPerUnit - How large the views show a unit of the scene, near the camera.
 * @returns Halvings by image; images that no surface wears are missing, and need not be decoded at all.
 */
export function halvingsByImage(
  surfaces: readonly SurfaceMesh[],
  imageOf: (texture: Texture) => number | undefined,
  images: readonly (ImageSize | undefined)[],
  pixelsPerUnit: number,
): Map<number, number> {
  const halvings = new Map<number, number>();
  for (const surface of surfaces) {
    const spread = new Map<number, number>();
    for (const texture of texturesOf(surface.mesh.material)) {
      const image = imageOf(texture);
      const size = image === undefined ? undefined : images[image];
      if (image === undefined || !size) continue;
      let uvPerUnit = spread.get(texture.channel);
      if (uvPerUnit === undefined) {
        uvPerUnit = uvDensity(surface, texture.channel);
        spread.set(texture.channel, uvPerUnit);
      }
      const repeat = Math.sqrt(Math.abs(texture.repeat.x * texture.repeat.y));
      const texelsPerPixel = (uvPerUnit * repeat * Math.sqrt(size.width * size.height)) / pixelsPerUnit;
      const allowed = Math.min(MAX_HALVINGS, Math.max(0, Math.floor(Math.log2(texelsPerPixel) || 0)));
      halvings.set(image, Math.min(allowed, halvings.get(image) ?? allowed));
    }
  }
  return halvings;
}

/** Every texture of a material, or of several. */
export function texturesOf(materials: Material | readonly Material[]): Texture[] {
  const list = materials instanceof Material ? [materials] : materials;
  return list.flatMap((material) =>
    Object.values(material).filter((value): value is Texture => (value as Texture | null)?.isTexture === true),
  );
}

/** Length in texture space for a unit of the scene, such that all but `BLURRED_SHARE` of the surface has more. */
function uvDensity(surface: SurfaceMesh, channel: number): number {
  const uv = surface.mesh.geometry.getAttribute(channel === 0 ? 'uv' : `uv${channel}`);
  // Without coordinates the whole surface shows one texel.
  if (!uv) return Number.POSITIVE_INFINITY;
  const step = Math.max(1, Math.floor(surface.triangles / SAMPLES));
  const samples: { density: number; area: number }[] = [];
  let total = 0;
  for (let triangle = 0; triangle < surface.triangles; triangle += step) {
    const area = triangleArea(surface, triangle);
    if (!(area > 0)) continue;
    const [a, b, c] = [0, 1, 2].map((k) => vertexOf(surface.index, triangle * 3 + k)) as [number, number, number];
    const uvArea =
      0.5 *
      Math.abs(
        (uv.getX(b) - uv.getX(a)) * (uv.getY(c) - uv.getY(a)) - (uv.getX(c) - uv.getX(a)) * (uv.getY(b) - uv.getY(a)),
      );
    samples.push({ density: Math.sqrt(uvArea / area), area });
    total += area;
  }
  samples.sort((left, right) => left.density - right.density);
  let covered = 0;
  for (const { density, area } of samples) {
    covered += area;
    if (covered >= total * BLURRED_SHARE) return density;
  }
  return Number.POSITIVE_INFINITY;
}
