import { GLASS, glossy, metal, RUBBER } from '../../paints.js';
import { bothSides, part } from '../../shapes.js';
import type { SampleObject } from '../sample-object.js';

const WHITE = glossy(0xe9edf2);
const BLUE = glossy(0x1f5fbf);
const ENGINE = metal(0x8f979f);

/** An airliner with two engines, nose towards +z. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a list of parts and their outlines, which nothing decides about
export const airplane: SampleObject = (shapes) => [
  part(
    shapes.lathe([
      [0, -2.4],
      [0.12, -2.3],
      [0.3, -1.5],
      [0.36, -0.8],
      [0.36, 1.4],
      [0.3, 1.9],
      [0.18, 2.2],
      [0, 2.32],
    ]),
    WHITE,
    { turn: [Math.PI / 2, 0, 0] },
  ),
  part(shapes.sphere(0.22), GLASS, { at: [0, 0.14, 1.86], scale: [1, 0.75, 1.2], trim: true }),
  part(
    shapes.slab(
      [
        [-2.4, -0.75],
        [-2.4, -1.0],
        [0, -0.35],
        [2.4, -1.0],
        [2.4, -0.75],
        [0, 0.75],
      ],
      0.07,
      0.02,
    ),
    WHITE,
    { at: [0, -0.12, 0.1], turn: [Math.PI / 2, 0, 0] },
  ),
  part(
    shapes.slab(
      [
        [-0.95, -0.35],
        [-0.95, -0.5],
        [0.95, -0.5],
        [0.95, -0.35],
        [0, 0.15],
      ],
      0.06,
      0.02,
    ),
    BLUE,
    { at: [0, 0.08, -1.95], turn: [Math.PI / 2, 0, 0] },
  ),
  part(
    shapes.slab(
      [
        [-0.1, 0],
        [0.85, 0],
        [0.2, 0.95],
        [-0.1, 0.95],
      ],
      0.07,
      0.02,
    ),
    BLUE,
    { at: [0, 0.18, -2.15], turn: [0, -Math.PI / 2, 0] },
  ),
  ...bothSides((side) =>
    part(shapes.cylinder(0.17, 0.13, 0.6), ENGINE, { at: [side * 0.95, -0.34, 0.15], turn: [Math.PI / 2, 0, 0] }),
  ),
  ...bothSides((side) =>
    part(shapes.cylinder(0.13, 0.13, 0.02), RUBBER, {
      at: [side * 0.95, -0.34, 0.455],
      turn: [Math.PI / 2, 0, 0],
      trim: true,
    }),
  ),
  ...bothSides((side) => part(shapes.box(0.02, 0.09, 2.2), BLUE, { at: [side * 0.352, 0.03, 0.3], trim: true })),
];
