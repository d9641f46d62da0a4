import type { Vector3 } from 'three';
import { type SurfaceMesh, vertexOf } from '../load/check-scene.js';

/** Depths are told apart to this part of the surface's whole depth. */
const STEPS = 65_536;

const starts = new Uint32Array(STEPS);

/**
 * Writes a surface's vertex numbers, three a triangle, with the farthest triangle first; triangles of one depth stay in
 * the file's order. A counting sort: its time grows with the triangles alone.
 *
 * @param forward - Where the camera looks. Depth along it orders a scene in the same way wherever the camera stands.
 */
export function orderBackToFront(surface: SurfaceMesh, forward: Vector3, into: Uint32Array): void {
  const steps = stepsOf(depthsOf(surface, forward));
  starts.fill(0);
  for (const step of steps) starts[step] = (starts[step] ?? 0) + 1;
  let before = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const count = starts[step] ?? 0;
    starts[step] = before;
    before += count;
  }
  for (let triangle = 0; triangle < steps.length; triangle += 1) {
    const step = steps[triangle] ?? 0;
    const place = starts[step] ?? 0;
    starts[step] = place + 1;
    for (let corner = 0; corner < 3; corner += 1) {
      into[3 * place + corner] = vertexOf(surface.index, 3 * triangle + corner);
    }
  }
}

/** Of every triangle, the sum of its corners' depths. */
function depthsOf({ positions, index, triangles }: SurfaceMesh, { x, y, z }: Vector3): Float64Array {
  const ofVertices = new Float64Array(positions.length / 3);
  for (let i = 0, at = 0; i < ofVertices.length; i += 1, at += 3) {
    ofVertices[i] = x * (positions[at] ?? 0) + y * (positions[at + 1] ?? 0) + z * (positions[at + 2] ?? 0);
  }
  const depthOf = (corner: number): number => ofVertices[vertexOf(index, corner)] ?? 0;
  const depths = new Float64Array(triangles);
  for (let triangle = 0, corner = 0; triangle < triangles; triangle += 1, corner += 3) {
    depths[triangle] = depthOf(corner) + depthOf(corner + 1) + depthOf(corner + 2);
  }
  return depths;
}

/** Depths as whole numbers, the farthest 0. */
function stepsOf(depths: Float64Array): Uint16Array {
  let [near, far] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const depth of depths) {
    if (depth < near) near = depth;
    if (depth > far) far = depth;
  }
  const scale = far > near ? (STEPS - 1) / (far - near) : 0;
  const steps = new Uint16Array(depths.length);
  for (let i = 0; i < depths.length; i += 1) steps[i] = (far - (depths[i] ?? far)) * scale;
  return steps;
}
