import { glossy, matt } from '../paints.js';
import { part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const GLAZE = glossy(0x2a9d8f);
const STRIPE = glossy(0xf4f1de);
const COFFEE = matt(0x3b2112);

/** A mug of coffee, its handle towards +x. */
export const mug: SampleObject = (shapes) => [
  part(
    shapes.lathe([
      [0, 0],
      [0.78, 0],
      [0.86, 0.08],
      [0.86, 1.8],
      [0.83, 1.86],
      [0.76, 1.8],
      [0.76, 0.14],
      [0, 0.14],
    ]),
    GLAZE,
  ),
  part(
    shapes.tube(
      [
        [0.82, 1.5, 0],
        [1.2, 1.52, 0],
        [1.46, 1.2, 0],
        [1.42, 0.75, 0],
        [1.15, 0.42, 0],
        [0.82, 0.4, 0],
      ],
      0.13,
      20,
    ),
    GLAZE,
  ),
  part(shapes.cylinder(0.77, 0.77, 0.03), COFFEE, { at: [0, 1.52, 0] }),
  part(shapes.cylinder(0.872, 0.872, 0.16), STRIPE, { at: [0, 1.2, 0], trim: true }),
  part(shapes.cylinder(0.872, 0.872, 0.08), STRIPE, { at: [0, 0.98, 0], trim: true }),
  part(shapes.torus(0.815, 0.05), STRIPE, { at: [0, 1.82, 0], turn: [Math.PI / 2, 0, 0], trim: true }),
];
