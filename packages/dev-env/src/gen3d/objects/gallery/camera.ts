import { glossy, matt, metal, STEEL } from '../paints.js';
import { part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const LEATHER = matt(0x2b2a2c);
const CHROME = metal(0xc9ccd1, 0.25);
const LENS = glossy(0x1d3f78);
const RED = glossy(0xc9182b);

/** A rangefinder camera, lens towards +z. */
export const camera: SampleObject = (shapes) => [
  part(shapes.box(2.4, 1.0, 0.7), LEATHER, { at: [0, 0.5, 0] }),
  part(shapes.box(2.4, 0.34, 0.72), CHROME, { at: [0, 1.17, 0] }),
  part(shapes.box(2.4, 0.12, 0.72), CHROME, { at: [0, -0.04, 0] }),
  part(shapes.box(0.8, 0.28, 0.66), CHROME, { at: [0, 1.46, 0] }),
  part(shapes.cylinder(0.52, 0.56, 0.3), CHROME, { at: [0, 0.62, 0.48], turn: [Math.PI / 2, 0, 0] }),
  part(shapes.cylinder(0.46, 0.46, 0.34), LEATHER, { at: [0, 0.62, 0.76], turn: [Math.PI / 2, 0, 0] }),
  part(shapes.cylinder(0.4, 0.4, 0.12), CHROME, { at: [0, 0.62, 0.92], turn: [Math.PI / 2, 0, 0] }),
  part(shapes.sphere(0.34), LENS, { at: [0, 0.62, 0.95], scale: [1, 1, 0.35] }),
  part(shapes.box(0.42, 0.2, 0.04), LENS, { at: [0, 1.46, 0.34], trim: true }),
  part(shapes.box(0.3, 0.16, 0.04), LENS, { at: [0.85, 1.16, 0.36], trim: true }),
  part(shapes.cylinder(0.18, 0.18, 0.18), STEEL, { at: [0.8, 1.42, 0] }),
  part(shapes.cylinder(0.24, 0.24, 0.14), STEEL, { at: [-0.75, 1.4, 0] }),
  part(shapes.cylinder(0.09, 0.09, 0.1, 20), RED, { at: [0.42 + 0.1, 1.4, 0.12], trim: true }),
  part(shapes.sphere(0.06, 16), RED, { at: [-0.85, 0.8, 0.34], trim: true }),
];
