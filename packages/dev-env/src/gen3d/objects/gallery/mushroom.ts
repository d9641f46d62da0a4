import { glossy, matt } from '../paints.js';
import { part } from '../shapes.js';
import type { SampleObject } from './sample-object.js';

const CAP = glossy(0xc81d25);
const STEM = matt(0xf3ead6);
const GILLS = matt(0xe2cfae);
const GRASS = matt(0x5d9b3f);

/** A fly agaric: a red cap with white spots on a ringed stem. */
export const mushroom: SampleObject = (shapes) => [
  part(
    shapes.lathe([
      [0, 0],
      [0.5, 0],
      [0.46, 0.2],
      [0.3, 0.6],
      [0.26, 1.3],
      [0, 1.3],
    ]),
    STEM,
  ),
  part(
    shapes.lathe([
      [0.26, 0.82],
      [0.5, 0.76],
      [0.5, 0.8],
      [0.26, 0.98],
    ]),
    STEM,
    { trim: true },
  ),
  part(
    shapes.lathe([
      [0, 1.25],
      [1.14, 1.18],
      [1.2, 1.24],
      [1.12, 1.55],
      [0.86, 1.88],
      [0.45, 2.1],
      [0, 2.17],
    ]),
    CAP,
  ),
  part(shapes.cylinder(1.1, 0.4, 0.06), GILLS, { at: [0, 1.18, 0] }),
  ...Array.from({ length: 14 }, (_, spot) => {
    const ring = spot < 9 ? { radius: 0.98, height: 1.72, angle: (spot * 2 * Math.PI) / 9 } : undefined;
    const { radius, height, angle } = ring ?? { radius: 0.5, height: 2.06, angle: ((spot - 9) * 2 * Math.PI) / 5 };
    return part(shapes.sphere(0.13 + 0.03 * (spot % 3), 18), STEM, {
      at: [radius * Math.cos(angle), height, radius * Math.sin(angle)],
      scale: [1, 0.6, 1],
      trim: spot % 2 === 1,
    });
  }),
  ...Array.from({ length: 10 }, (_, blade) => {
    const angle = (blade * 2 * Math.PI) / 10;
    return part(shapes.cone(0.08, 0.5, 8), GRASS, {
      at: [0.62 * Math.cos(angle), 0.22, 0.62 * Math.sin(angle)],
      turn: [0.35 * Math.sin(angle), 0, -0.35 * Math.cos(angle)],
      trim: true,
    });
  }),
];
