import {
  BoxGeometry,
  type BufferGeometry,
  CatmullRomCurve3,
  CylinderGeometry,
  Euler,
  ExtrudeGeometry,
  LatheGeometry,
  Matrix4,
  Quaternion,
  Shape,
  SphereGeometry,
  TorusGeometry,
  TubeGeometry,
  Vector2,
  Vector3,
} from 'three';
import type { Paint } from './paints.js';

export type Vec2 = readonly [x: number, y: number];
export type Vec3 = readonly [x: number, y: number, z: number];

/** A painted piece of an object. Trim is what a careless maker leaves out: handles, buttons, lights. */
export interface Part {
  readonly geometry: BufferGeometry;
  readonly paint: Paint;
  readonly trim: boolean;
}

/** Where a part goes: scaled first, then turned (radians, x then y then z), then moved. */
export interface Placement {
  readonly at?: Vec3;
  readonly turn?: Vec3;
  readonly scale?: Vec3;
  readonly trim?: boolean;
}

/**
 * Geometries whose round sides have as many segments as the level of detail allows.
 *
 * Every shape is closed, since renderers cull back faces; only a tube's ends are open, so they belong inside something.
 */
export interface Shapes {
  box(width: number, height: number, depth: number): BufferGeometry;
  cylinder(radiusTop: number, radiusBottom: number, height: number, sides?: number): BufferGeometry;
  cone(radius: number, height: number, sides?: number): BufferGeometry;
  sphere(radius: number, sides?: number): BufferGeometry;
  /** A ring in the x-y plane; `arc` in radians. */
  torus(radius: number, tubeRadius: number, arc?: number): BufferGeometry;
  /** A profile of [radius, height], from bottom to top on the outside, spun about the y axis. */
  lathe(profile: readonly Vec2[], sides?: number): BufferGeometry;
  /** A tube along a smooth curve through the points. */
  tube(path: readonly Vec3[], radius: number, sides?: number): BufferGeometry;
  /** An outline in the x-y plane, counter-clockwise, given a thickness along z and centred on z = 0. */
  slab(outline: readonly Vec2[], depth: number, bevel?: number): BufferGeometry;
}

/**
 * Shapes at a level of detail.
 *
 * @param detail - Share of the full number of segments, over 0 and at most 1.
 */
export function shapesAt(detail: number): Shapes {
  const segments = (full: number, least: number): number => Math.max(least, Math.round(full * detail));
  return {
    box: (width, height, depth) => new BoxGeometry(width, height, depth),
    cylinder: (top, bottom, height, sides = 40) => new CylinderGeometry(top, bottom, height, segments(sides, 5)),
    cone: (radius, height, sides = 40) => new CylinderGeometry(0, radius, height, segments(sides, 5)),
    sphere: (radius, sides = 40) => new SphereGeometry(radius, segments(sides, 6), segments(sides / 2, 4)),
    torus: (radius, tubeRadius, arc = 2 * Math.PI) =>
      new TorusGeometry(radius, tubeRadius, segments(18, 4), segments((56 * arc) / (2 * Math.PI), 6), arc),
    lathe: (profile, sides = 56) =>
      new LatheGeometry(
        profile.map(([x, y]) => new Vector2(x, y)),
        segments(sides, 6),
      ),
    tube: (path, radius, sides = 14) => {
      const curve = new CatmullRomCurve3(path.map(([x, y, z]) => new Vector3(x, y, z)));
      return new TubeGeometry(curve, segments(10 * path.length, 4), radius, segments(sides, 4));
    },
    slab: (outline, depth, bevel = 0) => {
      const shape = new Shape(outline.map(([x, y]) => new Vector2(x, y)));
      const options = { depth: depth - 2 * bevel, bevelEnabled: bevel > 0, bevelSize: bevel, bevelThickness: bevel };
      const geometry = new ExtrudeGeometry(shape, { ...options, bevelSegments: segments(4, 1), curveSegments: 1 });
      return geometry.translate(0, 0, bevel - depth / 2);
    },
  };
}

/** Paints a geometry and puts it in its place. */
export function part(geometry: BufferGeometry, paint: Paint, placement: Placement = {}): Part {
  const [x, y, z] = placement.turn ?? [0, 0, 0];
  // Euler order ZYX: the turn about x comes first.
  const matrix = new Matrix4().compose(
    new Vector3(...(placement.at ?? [0, 0, 0])),
    new Quaternion().setFromEuler(new Euler(x, y, z, 'ZYX')),
    new Vector3(...(placement.scale ?? [1, 1, 1])),
  );
  geometry.applyMatrix4(matrix);
  return { geometry, paint, trim: placement.trim ?? false };
}

/** The same part on both sides: once as made for +1, once for -1. */
export function bothSides(make: (side: 1 | -1) => Part): readonly [Part, Part] {
  return [make(1), make(-1)];
}
