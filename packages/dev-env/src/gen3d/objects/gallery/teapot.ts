import { BRASS, glossy } from '../paints.js';
import { part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const GLAZE = glossy(0x7b3fa0);
const BAND = glossy(0xf5e6c8);

/** A round teapot: spout towards +x, handle towards -x. */
export const teapot: SampleObject = (shapes) => [
  part(
    shapes.lathe([
      [0, 0],
      [0.55, 0],
      [0.62, 0.1],
      [0.92, 0.4],
      [1.02, 0.75],
      [0.95, 1.1],
      [0.7, 1.36],
      [0.48, 1.44],
      [0, 1.44],
    ]),
    GLAZE,
  ),
  part(
    shapes.lathe([
      [0, 1.42],
      [0.5, 1.42],
      [0.5, 1.48],
      [0.36, 1.58],
      [0.12, 1.66],
      [0.07, 1.74],
      [0, 1.74],
    ]),
    BAND,
  ),
  part(shapes.sphere(0.13), BRASS, { at: [0, 1.82, 0] }),
  part(
    shapes.tube(
      [
        [0.75, 0.55, 0],
        [1.15, 0.65, 0],
        [1.38, 1.0, 0],
        [1.62, 1.38, 0],
      ],
      0.15,
      22,
    ),
    GLAZE,
  ),
  part(shapes.torus(0.14, 0.06), BAND, { at: [1.63, 1.39, 0], turn: [Math.PI / 2, 0, -0.6] }),
  part(shapes.sphere(0.14), glossy(0x241330), { at: [1.6, 1.35, 0] }),
  part(
    shapes.tube(
      [
        [-0.8, 1.2, 0],
        [-1.25, 1.32, 0],
        [-1.55, 1.05, 0],
        [-1.4, 0.6, 0],
        [-0.9, 0.4, 0],
      ],
      0.1,
      20,
    ),
    GLAZE,
  ),
  part(shapes.torus(1.0, 0.05), BAND, { at: [0, 0.85, 0], turn: [Math.PI / 2, 0, 0], trim: true }),
  part(shapes.torus(0.99, 0.03), BRASS, { at: [0, 0.62, 0], turn: [Math.PI / 2, 0, 0], trim: true }),
  part(shapes.torus(0.56, 0.06), BAND, { at: [0, 0.03, 0], turn: [Math.PI / 2, 0, 0], trim: true }),
];
