import { GLASS, glossy, matt } from '../paints.js';
import { bothSides, part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const WALL = matt(0xf0dfb8);
const ROOF = matt(0xa8392b);
const DOOR = glossy(0x2c5f3a);
const BRICK = matt(0x8a4a35);
const FRAME = matt(0xffffff);
const GRASS = matt(0x6fae4e);

/** A cottage with a gabled roof and a chimney, door towards +z. */
export const house: SampleObject = (shapes) => [
  part(shapes.box(3, 0.12, 2.7), GRASS, { at: [0, -0.06, 0] }),
  part(
    shapes.slab(
      [
        [-1.05, 0],
        [1.05, 0],
        [1.05, 1.2],
        [0, 2.0],
        [-1.05, 1.2],
      ],
      1.9,
    ),
    WALL,
  ),
  ...bothSides((side) =>
    part(shapes.box(1.55, 0.12, 2.2), ROOF, { at: [side * 0.6, 1.65, 0], turn: [0, 0, -side * 0.65] }),
  ),
  part(shapes.box(0.3, 0.85, 0.3), BRICK, { at: [0.6, 2.0, -0.45] }),
  part(shapes.box(0.38, 0.1, 0.38), matt(0x5a5a5a), { at: [0.6, 2.45, -0.45], trim: true }),
  part(shapes.box(0.46, 0.85, 0.08), DOOR, { at: [0, 0.43, 0.95] }),
  part(shapes.sphere(0.05, 14), glossy(0xe8c252), { at: [0.15, 0.42, 1.01], trim: true }),
  ...bothSides((side) => part(shapes.box(0.46, 0.46, 0.06), FRAME, { at: [side * 0.64, 0.7, 0.95] })),
  ...bothSides((side) => part(shapes.box(0.36, 0.36, 0.08), GLASS, { at: [side * 0.64, 0.7, 0.95] })),
  part(shapes.cylinder(0.2, 0.2, 0.08), GLASS, { at: [0, 1.4, 0.94], turn: [Math.PI / 2, 0, 0], trim: true }),
  ...bothSides((side) => part(shapes.box(0.06, 0.5, 0.9), FRAME, { at: [side * 1.04, 0.7, 0], trim: true })),
  ...bothSides((side) => part(shapes.box(0.08, 0.38, 0.78), GLASS, { at: [side * 1.04, 0.7, 0] })),
  ...bothSides((side) => part(shapes.box(0.06, 0.5, 0.06), FRAME, { at: [side * 1.06, 0.7, 0], trim: true })),
  part(shapes.box(0.6, 0.06, 0.5), matt(0x9c9c9c), { at: [0, 0.02, 1.15], trim: true }),
];
