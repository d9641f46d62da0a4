import { glossy, metal, RUBBER, STEEL } from '../paints.js';
import { bothSides, part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const SHELL = metal(0x9fb4c7, 0.45);
const ORANGE = glossy(0xf28123);
const EYE = glossy(0x36e0c8);
const DARK = glossy(0x22303c);

/** A friendly toy robot looking towards +z. */
export const robot: SampleObject = (shapes) => [
  part(shapes.box(1.3, 1.3, 0.85), SHELL, { at: [0, 1.55, 0] }),
  part(shapes.box(0.85, 0.65, 0.06), DARK, { at: [0, 1.65, 0.43] }),
  ...[0xe63946, 0xffd166, 0x06d6a0].map((colour, index) =>
    part(shapes.sphere(0.08, 18), glossy(colour), { at: [-0.25 + 0.25 * index, 1.78, 0.46], trim: true }),
  ),
  part(shapes.box(0.6, 0.1, 0.05), ORANGE, { at: [0, 1.5, 0.46], trim: true }),
  part(shapes.cylinder(0.18, 0.18, 0.25, 20), RUBBER, { at: [0, 2.3, 0] }),
  part(shapes.box(1.0, 0.8, 0.75), SHELL, { at: [0, 2.78, 0] }),
  ...bothSides((side) =>
    part(shapes.cylinder(0.17, 0.17, 0.08), DARK, { at: [side * 0.24, 2.86, 0.37], turn: [Math.PI / 2, 0, 0] }),
  ),
  ...bothSides((side) => part(shapes.sphere(0.12), EYE, { at: [side * 0.24, 2.86, 0.4] })),
  part(shapes.box(0.5, 0.09, 0.06), DARK, { at: [0, 2.55, 0.37], trim: true }),
  ...bothSides((side) =>
    part(shapes.cylinder(0.13, 0.13, 0.14), ORANGE, { at: [side * 0.56, 2.8, 0], turn: [0, 0, Math.PI / 2] }),
  ),
  part(shapes.cylinder(0.03, 0.03, 0.4, 10), STEEL, { at: [0, 3.35, 0], trim: true }),
  part(shapes.sphere(0.1), ORANGE, { at: [0, 3.58, 0], trim: true }),
  ...bothSides((side) => part(shapes.sphere(0.22), ORANGE, { at: [side * 0.78, 2.0, 0] })),
  ...bothSides((side) =>
    part(shapes.cylinder(0.13, 0.13, 0.95), SHELL, { at: [side * 0.88, 1.5, 0], turn: [0, 0, side * 0.12] }),
  ),
  ...bothSides((side) => part(shapes.sphere(0.2), DARK, { at: [side * 0.95, 0.98, 0] })),
  ...bothSides((side) => part(shapes.cylinder(0.17, 0.17, 0.75), SHELL, { at: [side * 0.34, 0.55, 0] })),
  ...bothSides((side) => part(shapes.box(0.46, 0.24, 0.75), ORANGE, { at: [side * 0.36, 0.12, 0.1] })),
];
