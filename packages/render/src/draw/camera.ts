import { MathUtils, type PerspectiveCamera } from 'three';

/**
 * Puts a camera on its sphere around the origin, looking at the origin.
 *
 * (r cos p sin t, −r sin p, r cos p cos t) for azimuth t and elevation p: negative elevation looks down from above.
 */
export function placeCamera(
  camera: PerspectiveCamera,
  { azimuth, elevation }: { readonly azimuth: number; readonly elevation: number },
  radius: number,
): void {
  const t = MathUtils.degToRad(azimuth);
  const p = MathUtils.degToRad(elevation);
  camera.position.set(radius * Math.cos(p) * Math.sin(t), -radius * Math.sin(p), radius * Math.cos(p) * Math.cos(t));
  // Straight from above or below, "up" in the picture is where the camera would tilt from: the object's front is below
  // (seen from above) or on top (seen from below).
  const pole = Math.abs(Math.abs(elevation) - 90) < 1e-3;
  const sign = elevation < 0 ? -1 : 1;
  if (pole) camera.up.set(sign * Math.sin(t), 0, sign * Math.cos(t));
  else camera.up.set(0, 1, 0);
  camera.lookAt(0, 0, 0);
  camera.updateMatrixWorld();
}
