import { BRASS, glossy, matt } from '../paints.js';
import { part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const SHADE = matt(0xf2c14e);
const BASE = glossy(0x27407a);
const BULB = glossy(0xfff6d5);

/** A table lamp: a glazed foot, a brass stem and a cloth shade. */
export const lamp: SampleObject = (shapes) => [
  part(
    shapes.lathe([
      [0, 0],
      [0.62, 0],
      [0.62, 0.08],
      [0.3, 0.16],
      [0.42, 0.45],
      [0.52, 0.75],
      [0.42, 1.08],
      [0.2, 1.26],
      [0.14, 1.34],
      [0, 1.34],
    ]),
    BASE,
  ),
  part(shapes.torus(0.17, 0.05), BRASS, { at: [0, 1.34, 0], turn: [Math.PI / 2, 0, 0], trim: true }),
  part(shapes.torus(0.58, 0.05), BRASS, { at: [0, 0.06, 0], turn: [Math.PI / 2, 0, 0], trim: true }),
  part(shapes.cylinder(0.06, 0.06, 0.6, 16), BRASS, { at: [0, 1.6, 0] }),
  part(
    shapes.lathe([
      [0.98, 1.72],
      [1.02, 1.72],
      [0.55, 2.75],
      [0.5, 2.75],
      [0.96, 1.74],
    ]),
    SHADE,
  ),
  part(shapes.torus(1.0, 0.035), BRASS, { at: [0, 1.73, 0], turn: [Math.PI / 2, 0, 0], trim: true }),
  part(shapes.torus(0.53, 0.03), BRASS, { at: [0, 2.75, 0], turn: [Math.PI / 2, 0, 0], trim: true }),
  part(shapes.sphere(0.2), BULB, { at: [0, 2.05, 0] }),
  part(shapes.cylinder(0.03, 0.03, 0.95, 12), BRASS, { at: [0, 2.4, 0] }),
  part(shapes.sphere(0.07), BRASS, { at: [0, 2.9, 0], trim: true }),
];
