import type { Flaws } from './flaws.js';
import type { Paint } from './paints.js';
import { recolour } from './recolour.js';
import type { Part } from './shapes.js';
import { positionNoise } from './vertex-noise.js';

/** One mesh with a colour per vertex and a small list of surfaces that its vertices choose from. */
export interface PaintedMesh {
  /** xyz per vertex, within ±0.5. */
  readonly positions: Float32Array;
  /** Unit xyz per vertex. */
  readonly normals: Float32Array;
  /** Linear rgb per vertex. */
  readonly colours: Float32Array;
  /** Index into `surfaces` per vertex. */
  readonly surfaceOf: Uint8Array;
  readonly surfaces: readonly Surface[];
  readonly indices: Uint32Array;
}

export interface Making {
  readonly name: string;
  readonly seed: string;
}

export type Surface = Pick<Paint, 'roughness' | 'metalness'>;

/**
 * Merges an object's parts into one mesh, with the flaws, centred and scaled into the unit cube.
 *
 * @param making - The object's name, which the jitter depends on, and a seed, which the wobble depends on.
 */
export function mergeParts(parts: readonly Part[], flaws: Flaws, making: Making): PaintedMesh {
  const kept = parts.filter((part) => flaws.trim || !part.trim);
  const vertexCount = kept.reduce((sum, part) => sum + part.geometry.getAttribute('position').count, 0);
  const mesh = {
    positions: new Float32Array(3 * vertexCount),
    normals: new Float32Array(3 * vertexCount),
    colours: new Float32Array(3 * vertexCount),
    surfaceOf: new Uint8Array(vertexCount),
  };
  const surfaces: Surface[] = [];
  const indices: number[] = [];
  let offset = 0;
  for (const { geometry, paint } of kept) {
    const position = geometry.getAttribute('position');
    mesh.positions.set(position.array, 3 * offset);
    mesh.normals.set(geometry.getAttribute('normal').array, 3 * offset);
    const colour = recolour(paint.colour, flaws);
    for (let vertex = offset; vertex < offset + position.count; vertex++) mesh.colours.set(colour, 3 * vertex);
    mesh.surfaceOf.fill(surfaceIndex(surfaces, paint), offset, offset + position.count);
    const order = geometry.index?.array ?? Array.from({ length: position.count }, (_, index) => index);
    for (const index of order) indices.push(index + offset);
    offset += position.count;
  }
  stretch(mesh.positions, mesh.normals, flaws);
  fitUnitCube(mesh.positions);
  displace(mesh.positions, flaws.jitter, `jitter of ${making.name}`);
  displace(mesh.positions, flaws.wobble, `wobble of ${making.seed}`);
  fitUnitCube(mesh.positions);
  return { ...mesh, surfaces, indices: Uint32Array.from(indices) };
}

function surfaceIndex(surfaces: Surface[], { roughness, metalness }: Paint): number {
  const known = surfaces.findIndex((one) => one.roughness === roughness && one.metalness === metalness);
  return known >= 0 ? known : surfaces.push({ roughness, metalness }) - 1;
}

function stretch(positions: Float32Array, normals: Float32Array, flaws: Flaws): void {
  for (let i = 0; i < positions.length; i++) {
    const factor = flaws.stretch[i % 3] ?? 1;
    positions[i] = (positions[i] ?? 0) * factor;
    normals[i] = (normals[i] ?? 0) / factor;
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i] ?? 0, normals[i + 1] ?? 0, normals[i + 2] ?? 0) || 1;
    for (let axis = 0; axis < 3; axis++) normals[i + axis] = (normals[i + axis] ?? 0) / length;
  }
}

/** Just inside the cube, so that no rounding puts a vertex outside. */
const EDGE = 0.9999;

function fitUnitCube(positions: Float32Array): void {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    const axis = i % 3;
    min[axis] = Math.min(min[axis] ?? 0, positions[i] ?? 0);
    max[axis] = Math.max(max[axis] ?? 0, positions[i] ?? 0);
  }
  const size = Math.max(...max.map((high, axis) => high - (min[axis] ?? 0)));
  for (let i = 0; i < positions.length; i++) {
    const axis = i % 3;
    const centre = ((min[axis] ?? 0) + (max[axis] ?? 0)) / 2;
    positions[i] = (((positions[i] ?? 0) - centre) / size) * EDGE;
  }
}

function displace(positions: Float32Array, reach: number, seed: string): void {
  if (reach === 0) return;
  const noise = positionNoise(seed);
  for (let i = 0; i < positions.length; i += 3) {
    const [x, y, z] = [positions[i] ?? 0, positions[i + 1] ?? 0, positions[i + 2] ?? 0];
    positions[i] = x + reach * noise(x, y, z, 0);
    positions[i + 1] = y + reach * noise(x, y, z, 1);
    positions[i + 2] = z + reach * noise(x, y, z, 2);
  }
}
