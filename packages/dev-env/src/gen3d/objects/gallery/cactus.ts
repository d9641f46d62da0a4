import { glossy, matt } from '../paints.js';
import { part, type Shapes } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const GREEN = matt(0x3f8f4a);
const RIB = matt(0x2c6b37);
const POT = matt(0xc4673a);
const SOIL = matt(0x4a3423);
const FLOWER = glossy(0xe8488a);

/** A cactus with two arms in a clay pot. */
export const cactus: SampleObject = (shapes) => [
  part(
    shapes.lathe([
      [0, 0],
      [0.48, 0],
      [0.62, 0.7],
      [0.72, 0.7],
      [0.72, 0.9],
      [0.58, 0.9],
      [0.58, 0.82],
      [0, 0.82],
    ]),
    POT,
  ),
  part(shapes.cylinder(0.57, 0.57, 0.06), SOIL, { at: [0, 0.82, 0] }),
  part(trunk(shapes, 0.36, 2.1), GREEN, { at: [0, 0.8, 0] }),
  ...Array.from({ length: 8 }, (_, rib) => {
    const angle = (rib * Math.PI) / 4;
    const at = [0.355 * Math.cos(angle), 1.75, 0.355 * Math.sin(angle)] as const;
    return part(shapes.cylinder(0.025, 0.025, 1.6, 8), RIB, { at, trim: true });
  }),
  part(
    shapes.tube(
      [
        [0.2, 1.5, 0],
        [0.62, 1.5, 0],
        [0.82, 1.75, 0],
        [0.84, 2.25, 0],
      ],
      0.19,
      24,
    ),
    GREEN,
  ),
  part(shapes.sphere(0.19), GREEN, { at: [0.84, 2.25, 0] }),
  part(
    shapes.tube(
      [
        [-0.2, 1.85, 0],
        [-0.55, 1.85, 0],
        [-0.74, 2.05, 0],
        [-0.76, 2.45, 0],
      ],
      0.17,
      24,
    ),
    GREEN,
  ),
  part(shapes.sphere(0.17), GREEN, { at: [-0.76, 2.45, 0] }),
  part(shapes.sphere(0.14), FLOWER, { at: [0, 2.92, 0], scale: [1.2, 0.7, 1.2], trim: true }),
];

function trunk(shapes: Shapes, radius: number, height: number) {
  return shapes.lathe([
    [0, 0],
    [radius * 0.9, 0],
    [radius, height * 0.4],
    [radius * 0.98, height * 0.75],
    [radius * 0.8, height * 0.92],
    [radius * 0.45, height * 0.985],
    [0, height],
  ]);
}
