import { glossy, matt } from '../paints.js';
import { part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const BARK = matt(0x6a4325);
const CROWN = matt(0x3d8f3a);
const LIGHT = matt(0x5fae48);
const APPLE = glossy(0xd32f2f);
const EARTH = matt(0x8c6a3f);

const CLUMPS = [
  [0, 2.35, 0, 0.85],
  [0.7, 1.95, 0.15, 0.6],
  [-0.65, 2.0, 0.25, 0.62],
  [0.1, 1.95, -0.7, 0.6],
  [0.05, 2.0, 0.65, 0.58],
  [0.3, 2.95, 0.1, 0.5],
] as const;

const APPLES = [
  [0.55, 2.1, 0.75],
  [-0.25, 2.35, 0.88],
  [-0.95, 1.95, 0.72],
  [1.15, 2.15, 0.45],
  [0.35, 1.6, 0.98],
  [-1.15, 2.2, -0.05],
  [0.5, 2.2, -1.05],
  [-0.4, 2.0, -0.95],
  [1.1, 1.85, -0.25],
] as const;

/** An apple tree in a round patch of earth. */
export const tree: SampleObject = (shapes) => [
  part(shapes.cylinder(0.85, 0.95, 0.12), EARTH, { at: [0, 0, 0] }),
  part(
    shapes.lathe([
      [0, 0],
      [0.4, 0],
      [0.24, 0.3],
      [0.19, 0.9],
      [0.22, 1.8],
      [0, 1.8],
    ]),
    BARK,
  ),
  part(shapes.cylinder(0.07, 0.11, 0.9, 14), BARK, { at: [0.32, 1.4, 0], turn: [0, 0, -0.75] }),
  part(shapes.cylinder(0.07, 0.11, 0.9, 14), BARK, { at: [-0.32, 1.45, 0.1], turn: [0, 0, 0.75] }),
  ...CLUMPS.map(([x, y, z, radius], index) =>
    part(shapes.sphere(radius, 28), index % 2 === 0 ? CROWN : LIGHT, { at: [x, y, z], scale: [1, 0.88, 1] }),
  ),
  ...APPLES.map((at) => part(shapes.sphere(0.13, 18), APPLE, { at, trim: true })),
];
