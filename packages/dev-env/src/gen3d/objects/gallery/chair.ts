import { matt } from '../paints.js';
import { bothSides, part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const WOOD = matt(0x9a5b2c);
const CUSHION = matt(0x2f7f86);

/** A wooden dining chair with a cushion, seen from +z when one faces the sitter. */
export const chair: SampleObject = (shapes) => [
  part(shapes.box(1.1, 0.1, 1.05), WOOD, { at: [0, 1, 0] }),
  part(shapes.box(0.98, 0.12, 0.92), CUSHION, { at: [0, 1.1, 0.02] }),
  ...bothSides((side) => part(shapes.cylinder(0.07, 0.05, 1, 20), WOOD, { at: [side * 0.47, 0.5, 0.45] })),
  ...bothSides((side) => part(shapes.cylinder(0.065, 0.05, 1, 20), WOOD, { at: [side * 0.47, 0.5, -0.45] })),
  ...bothSides((side) =>
    part(shapes.cylinder(0.055, 0.065, 1.3, 20), WOOD, { at: [side * 0.47, 1.65, -0.53], turn: [-0.12, 0, 0] }),
  ),
  part(shapes.box(1.12, 0.26, 0.09), WOOD, { at: [0, 2.2, -0.6], turn: [-0.12, 0, 0] }),
  part(shapes.box(0.95, 0.1, 0.07), WOOD, { at: [0, 1.32, -0.49], turn: [-0.12, 0, 0] }),
  ...[-0.26, 0, 0.26].map((x) =>
    part(shapes.cylinder(0.035, 0.035, 0.95, 14), WOOD, { at: [x, 1.74, -0.54], turn: [-0.12, 0, 0] }),
  ),
  ...bothSides((side) => part(shapes.box(0.05, 0.06, 0.9), WOOD, { at: [side * 0.47, 0.4, 0], trim: true })),
  part(shapes.box(0.9, 0.06, 0.05), WOOD, { at: [0, 0.4, 0], trim: true }),
];
