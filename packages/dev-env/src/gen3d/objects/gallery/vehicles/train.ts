import { BRASS, GLASS, glossy, RUBBER, STEEL } from '../../paints.js';
import { bothSides, type Part, part, type Shapes } from '../../shapes.js';
import type { SampleObject } from '../sample-object.js';

const GREEN = glossy(0x1e7145);
const RED = glossy(0xc1272d);
const BLACK = glossy(0x25272b);

/** A toy steam locomotive running towards +z. */
export const train: SampleObject = (shapes) => [
  part(shapes.box(1.1, 0.2, 3.2), RED, { at: [0, 0.55, 0] }),
  part(shapes.cylinder(0.5, 0.5, 2.0), GREEN, { at: [0, 1.12, 0.5], turn: [Math.PI / 2, 0, 0] }),
  part(shapes.cylinder(0.52, 0.52, 0.22), BLACK, { at: [0, 1.12, 1.5], turn: [Math.PI / 2, 0, 0] }),
  part(shapes.box(1.15, 1.25, 0.95), GREEN, { at: [0, 1.25, -0.95] }),
  part(shapes.box(1.35, 0.12, 1.2), RED, { at: [0, 1.93, -0.95] }),
  ...bothSides((side) => part(shapes.box(0.04, 0.45, 0.5), GLASS, { at: [side * 0.57, 1.48, -0.95] })),
  part(shapes.cylinder(0.24, 0.16, 0.62), BLACK, { at: [0, 1.85, 1.2] }),
  part(shapes.sphere(0.22), BRASS, { at: [0, 1.66, 0.4] }),
  part(shapes.torus(0.51, 0.04), BRASS, { at: [0, 1.12, 0.9], trim: true }),
  part(shapes.torus(0.51, 0.04), BRASS, { at: [0, 1.12, 0.1], trim: true }),
  part(shapes.cylinder(0.14, 0.14, 0.12), BRASS, { at: [0, 1.3, 1.64], turn: [Math.PI / 2, 0, 0] }),
  part(shapes.box(1.2, 0.3, 0.14), RED, { at: [0, 0.42, 1.66] }),
  ...bothSides((side) =>
    part(shapes.cylinder(0.1, 0.1, 0.14, 18), STEEL, {
      at: [side * 0.4, 0.5, 1.76],
      turn: [Math.PI / 2, 0, 0],
      trim: true,
    }),
  ),
  ...[1.15, 0.45].flatMap((z) => [...wheel(shapes, 1, 0.28, z), ...wheel(shapes, -1, 0.28, z)]),
  ...[-0.9].flatMap((z) => [...wheel(shapes, 1, 0.46, z), ...wheel(shapes, -1, 0.46, z)]),
  ...bothSides((side) => part(shapes.box(0.06, 0.08, 2.1), STEEL, { at: [side * 0.66, 0.34, 0.1], trim: true })),
];

function wheel(shapes: Shapes, side: 1 | -1, radius: number, z: number): Part[] {
  const turn = [0, 0, Math.PI / 2] as const;
  return [
    part(shapes.cylinder(radius, radius, 0.14), RUBBER, { at: [side * 0.55, radius, z], turn }),
    part(shapes.cylinder(radius * 0.7, radius * 0.7, 0.17), RED, { at: [side * 0.55, radius, z], turn }),
  ];
}
