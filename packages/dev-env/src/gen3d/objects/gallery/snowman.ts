import { glossy, matt } from '../paints.js';
import { bothSides, part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const SNOW = matt(0xdfe9f3);
const COAL = matt(0x1a1a1c);
const CARROT = matt(0xf07c1b);
const SCARF = matt(0xc1121f);
const HAT = glossy(0x23242b);
const TWIG = matt(0x5c3a1e);

/** A snowman in hat and scarf, looking towards +z. */
export const snowman: SampleObject = (shapes) => [
  part(shapes.sphere(0.85), SNOW, { at: [0, 0.75, 0], scale: [1, 0.92, 1] }),
  part(shapes.sphere(0.62), SNOW, { at: [0, 1.8, 0] }),
  part(shapes.sphere(0.45), SNOW, { at: [0, 2.62, 0] }),
  part(shapes.torus(0.42, 0.11), SCARF, { at: [0, 2.28, 0], turn: [Math.PI / 2, 0, 0] }),
  part(shapes.box(0.2, 0.7, 0.1), SCARF, { at: [0.28, 1.95, 0.52], turn: [-0.1, 0.3, 0.1] }),
  part(shapes.cone(0.1, 0.6, 20), CARROT, { at: [0, 2.62, 0.68], turn: [Math.PI / 2, 0, 0] }),
  ...bothSides((side) => part(shapes.sphere(0.065, 16), COAL, { at: [side * 0.16, 2.76, 0.4] })),
  ...[1.55, 1.8, 2.02].map((y, index) =>
    part(shapes.sphere(0.075, 16), COAL, { at: [0, y, [0.58, 0.62, 0.57][index] ?? 0.6], trim: index > 0 }),
  ),
  part(shapes.cylinder(0.58, 0.58, 0.07), HAT, { at: [0, 2.96, 0] }),
  part(shapes.cylinder(0.38, 0.36, 0.58), HAT, { at: [0, 3.26, 0] }),
  part(shapes.cylinder(0.385, 0.375, 0.14), SCARF, { at: [0, 3.07, 0], trim: true }),
  ...bothSides((side) =>
    part(shapes.cylinder(0.03, 0.045, 1.0, 10), TWIG, { at: [side * 0.98, 2.05, 0.05], turn: [0, 0, -side * 1.05] }),
  ),
  ...bothSides((side) =>
    part(shapes.cylinder(0.02, 0.03, 0.3, 8), TWIG, {
      at: [side * 1.28, 2.34, 0.05],
      turn: [0, 0, -side * 0.3],
      trim: true,
    }),
  ),
];
