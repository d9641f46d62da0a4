import { GLASS, glossy, RUBBER, STEEL } from '../../paints.js';
import { bothSides, type Part, part, type Shapes } from '../../shapes.js';
import type { SampleObject } from '../sample-object.js';

const BODY = glossy(0xd62828);
const LIGHT = glossy(0xffe9a8);
const TAIL = glossy(0x7a0c12);
/** Turns an outline drawn with its right end as the front so that the front looks towards +z. */
const FORWARD = [0, -Math.PI / 2, 0] as const;

/** A small family car, bonnet towards +z. */
export const car: SampleObject = (shapes) => [
  part(
    shapes.slab(
      [
        [-2.1, 0.42],
        [2.1, 0.42],
        [2.15, 0.75],
        [1.95, 0.98],
        [1.05, 1.08],
        [-1.95, 1.1],
        [-2.15, 0.85],
      ],
      1.75,
      0.09,
    ),
    BODY,
    { turn: FORWARD },
  ),
  part(
    shapes.slab(
      [
        [-1.75, 1.05],
        [1.05, 1.05],
        [0.4, 1.62],
        [-1.2, 1.66],
      ],
      1.5,
      0.05,
    ),
    GLASS,
    { turn: FORWARD },
  ),
  part(
    shapes.slab(
      [
        [-1.3, 1.6],
        [0.45, 1.57],
        [0.32, 1.7],
        [-1.12, 1.74],
      ],
      1.5,
      0.03,
    ),
    BODY,
    { turn: FORWARD },
  ),
  ...bothSides((side) => part(shapes.box(0.05, 0.62, 0.12), BODY, { at: [side * 0.76, 1.34, -0.35] })),
  ...([1.3, -1.3] as const).flatMap((z) => [...wheel(shapes, 1, z), ...wheel(shapes, -1, z)]),
  ...bothSides((side) => part(shapes.sphere(0.17), LIGHT, { at: [side * 0.62, 0.75, 2.12], scale: [1.3, 0.9, 0.5] })),
  ...bothSides((side) => part(shapes.box(0.35, 0.16, 0.06), TAIL, { at: [side * 0.6, 0.82, -2.14], trim: true })),
  part(shapes.box(1.7, 0.16, 0.14), STEEL, { at: [0, 0.45, 2.13], trim: true }),
  part(shapes.box(1.7, 0.16, 0.14), STEEL, { at: [0, 0.45, -2.13], trim: true }),
  ...bothSides((side) => part(shapes.box(0.18, 0.14, 0.1), BODY, { at: [side * 0.95, 1.15, 0.7], trim: true })),
];

function wheel(shapes: Shapes, side: 1 | -1, z: number): Part[] {
  const turn = [0, 0, Math.PI / 2] as const;
  return [
    part(shapes.cylinder(0.43, 0.43, 0.34), RUBBER, { at: [side * 0.84, 0.43, z], turn }),
    part(shapes.cylinder(0.24, 0.24, 0.36), STEEL, { at: [side * 0.85, 0.43, z], turn }),
  ];
}
