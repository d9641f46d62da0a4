import { BRASS, glossy, matt, STEEL } from '../paints.js';
import { bothSides, part, type Vec2 } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const TOP = glossy(0xd98a3a);
const NECK = matt(0x4b2a18);
const HOLE = matt(0x1c120c);
const PICKGUARD = glossy(0x5a1712);

/** Half the body's outline on the right, from the bottom to the neck: wide, waist, narrower. */
const HALF: readonly Vec2[] = [
  [0, -1.25],
  [0.45, -1.2],
  [0.78, -0.95],
  [0.9, -0.55],
  [0.8, -0.15],
  [0.6, 0.1],
  [0.56, 0.28],
  [0.66, 0.55],
  [0.66, 0.85],
  [0.46, 1.08],
  [0.15, 1.16],
];
const OUTLINE: readonly Vec2[] = [
  ...HALF,
  ...HALF.slice(1)
    .reverse()
    .map(([x, y]): Vec2 => [-x, y]),
];

/** An acoustic guitar standing upright, strings towards +z. */
export const guitar: SampleObject = (shapes) => [
  part(shapes.slab(OUTLINE, 0.48, 0.05), TOP),
  part(shapes.cylinder(0.27, 0.27, 0.02), HOLE, { at: [0, 0.25, 0.24], turn: [Math.PI / 2, 0, 0] }),
  part(shapes.torus(0.3, 0.025), matt(0xf0e2c0), { at: [0, 0.25, 0.245], trim: true }),
  part(shapes.box(0.62, 0.14, 0.08), NECK, { at: [0, -0.62, 0.26] }),
  part(shapes.box(0.22, 1.85, 0.14), NECK, { at: [0, 1.75, 0.2] }),
  part(
    shapes.slab(
      [
        [-0.11, 0],
        [0.11, 0],
        [0.2, 0.62],
        [-0.2, 0.62],
      ],
      0.1,
    ),
    NECK,
    { at: [0, 2.66, 0.18], turn: [-0.2, 0, 0] },
  ),
  ...[0, 1, 2].flatMap((row) =>
    bothSides((side) =>
      part(shapes.cylinder(0.045, 0.045, 0.16, 12), BRASS, {
        at: [side * 0.24, 2.82 + 0.17 * row, 0.12],
        turn: [0, 0, Math.PI / 2],
        trim: true,
      }),
    ),
  ),
  ...[-0.06, -0.02, 0.02, 0.06].map((x) =>
    part(shapes.box(0.012, 3.3, 0.012), STEEL, { at: [x, 1.02, 0.3], trim: true }),
  ),
  part(
    shapes.slab(
      OUTLINE.map(([x, y]): Vec2 => [0.28 * x, 0.25 * y]),
      0.03,
    ),
    PICKGUARD,
    {
      at: [0.42, -0.15, 0.245],
      turn: [0, 0, 0.5],
      trim: true,
    },
  ),
];
