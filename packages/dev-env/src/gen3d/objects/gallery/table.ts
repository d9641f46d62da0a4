import { glossy, matt } from '../paints.js';
import { bothSides, part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const OAK = matt(0xb98046);
const DRAWER = matt(0x7d4f27);
const KNOB = glossy(0xe0c060);
const VASE = glossy(0x3a6ea5);
const LEAF = matt(0x4d8b31);

/** A writing table with two drawers towards +z and a plant on it. */
export const table: SampleObject = (shapes) => [
  part(shapes.box(2.8, 0.12, 1.5), OAK, { at: [0, 1.5, 0] }),
  part(shapes.box(2.5, 0.34, 1.25), DRAWER, { at: [0, 1.28, 0] }),
  ...bothSides((side) => part(shapes.cylinder(0.09, 0.055, 1.45, 20), OAK, { at: [side * 1.2, 0.72, 0.58] })),
  ...bothSides((side) => part(shapes.cylinder(0.09, 0.055, 1.45, 20), OAK, { at: [side * 1.2, 0.72, -0.58] })),
  ...bothSides((side) => part(shapes.box(1.05, 0.24, 0.05), OAK, { at: [side * 0.6, 1.27, 0.63] })),
  ...bothSides((side) => part(shapes.sphere(0.06, 16), KNOB, { at: [side * 0.6, 1.27, 0.69], trim: true })),
  part(
    shapes.lathe([
      [0, 0],
      [0.2, 0],
      [0.27, 0.2],
      [0.16, 0.42],
      [0.2, 0.5],
      [0, 0.5],
    ]),
    VASE,
    { at: [-0.8, 1.56, -0.1] },
  ),
  ...Array.from({ length: 5 }, (_, leaf) => {
    const angle = (leaf * 2 * Math.PI) / 5;
    const at = [-0.8 + 0.16 * Math.cos(angle), 2.3, -0.1 + 0.16 * Math.sin(angle)] as const;
    return part(shapes.sphere(0.12), LEAF, {
      at,
      scale: [1, 2.6, 1],
      turn: [0.4 * Math.sin(angle), 0, -0.4 * Math.cos(angle)],
    });
  }),
  part(shapes.box(0.6, 0.07, 0.8), matt(0xc0392b), { at: [0.65, 1.6, 0.1], turn: [0, 0.3, 0], trim: true }),
  part(shapes.box(0.55, 0.06, 0.74), matt(0x2c3e70), { at: [0.65, 1.665, 0.1], turn: [0, 0.05, 0], trim: true }),
];
