import { BRASS, glossy, matt, metal } from '../paints.js';
import { bothSides, part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const CASE = glossy(0x1d7a8c);
const FACE = matt(0xf7f3e8);
const INK = matt(0x1b1b1f);
const HAND = glossy(0xc22525);

/** A twin-bell alarm clock, face towards +z. */
export const clock: SampleObject = (shapes) => [
  part(shapes.cylinder(1, 1, 0.6), CASE, { turn: [Math.PI / 2, 0, 0] }),
  part(shapes.torus(0.95, 0.09), BRASS, { at: [0, 0, 0.3] }),
  part(shapes.cylinder(0.9, 0.9, 0.03), FACE, { at: [0, 0, 0.305], turn: [Math.PI / 2, 0, 0] }),
  ...Array.from({ length: 12 }, (_, hour) => {
    const angle = (hour * Math.PI) / 6;
    const size = hour % 3 === 0 ? 0.2 : 0.1;
    return part(shapes.box(0.06, size, 0.03), INK, {
      at: [0.74 * Math.sin(angle), 0.74 * Math.cos(angle), 0.325],
      turn: [0, 0, -angle],
      trim: hour % 3 !== 0,
    });
  }),
  part(shapes.box(0.08, 0.5, 0.03), INK, { at: [-0.19, 0.13, 0.34], turn: [0, 0, 0.98] }),
  part(shapes.box(0.06, 0.68, 0.03), INK, { at: [0.24, 0.22, 0.36], turn: [0, 0, -0.84] }),
  part(shapes.box(0.025, 0.6, 0.02), HAND, { at: [0.02, -0.25, 0.38], trim: true }),
  part(shapes.cylinder(0.07, 0.07, 0.1, 20), BRASS, { at: [0, 0, 0.36], turn: [Math.PI / 2, 0, 0] }),
  ...bothSides((side) =>
    part(shapes.sphere(0.42), BRASS, { at: [side * 0.55, 1.02, 0], scale: [1, 0.62, 1], turn: [0, 0, -side * 0.5] }),
  ),
  part(shapes.cylinder(0.04, 0.04, 0.4, 14), metal(0x888888), { at: [0, 1.2, 0], trim: true }),
  part(shapes.sphere(0.1), metal(0x888888), { at: [0, 1.4, 0], trim: true }),
  ...bothSides((side) =>
    part(shapes.cylinder(0.09, 0.06, 0.55, 16), BRASS, { at: [side * 0.62, -1.02, 0], turn: [0, 0, side * 0.5] }),
  ),
];
