import { glossy, matt } from '../../paints.js';
import { part } from '../../shapes.js';
import type { SampleObject } from '../sample-object.js';

const HULL = glossy(0xb5342b);
const DECK = matt(0xc79a5e);
const SAIL = matt(0xf2e9d8);
const MAST = matt(0x6b4426);
const FLAG = glossy(0x2f6fd0);

/** A sailing boat, bow towards +z. */
export const boat: SampleObject = (shapes) => [
  part(
    shapes.slab(
      [
        [-1.35, 0.1],
        [-1.1, -0.42],
        [0.95, -0.42],
        [1.65, 0.22],
        [1.2, 0.12],
      ],
      0.85,
      0.16,
    ),
    HULL,
    { turn: [0, -Math.PI / 2, 0] },
  ),
  part(shapes.box(0.62, 0.1, 2.3), DECK, { at: [0, 0.12, 0] }),
  part(shapes.box(0.5, 0.28, 0.7), glossy(0xeeeeea), { at: [0, 0.28, -0.55] }),
  part(shapes.box(0.52, 0.1, 0.4), matt(0x37414d), { at: [0, 0.31, -0.5], trim: true }),
  part(shapes.cylinder(0.04, 0.055, 2.7, 16), MAST, { at: [0, 1.42, 0.15] }),
  part(
    shapes.slab(
      [
        [-1.3, 0],
        [0, 0],
        [0, 2.2],
      ],
      0.03,
    ),
    SAIL,
    { at: [0, 0.5, 0.1], turn: [0, -Math.PI / 2 + 0.3, 0] },
  ),
  part(
    shapes.slab(
      [
        [0, 0],
        [1.05, 0],
        [0, 1.75],
      ],
      0.03,
    ),
    SAIL,
    { at: [0, 0.55, 0.24], turn: [0, -Math.PI / 2 + 0.15, 0] },
  ),
  part(shapes.cylinder(0.03, 0.03, 1.35, 12), MAST, { at: [-0.19, 0.47, -0.5], turn: [Math.PI / 2, 0.3, 0] }),
  part(shapes.box(0.02, 0.16, 0.34), FLAG, { at: [0, 2.66, -0.04], trim: true }),
];
