import { GLASS, glossy, metal } from '../../paints.js';
import { part, type Shapes } from '../../shapes.js';
import type { SampleObject } from '../sample-object.js';

const HULL = glossy(0xf1f2f4);
const RED = glossy(0xd62828);
const NOZZLE = metal(0x5b6068);
const RIM = metal(0xd0a030);

/** A cartoon rocket standing on three fins. */
export const rocket: SampleObject = (shapes) => [
  part(
    shapes.lathe([
      [0, 0.35],
      [0.48, 0.35],
      [0.66, 0.9],
      [0.72, 1.5],
      [0.64, 2.2],
      [0.46, 2.8],
      [0, 2.8],
    ]),
    HULL,
  ),
  part(
    shapes.lathe([
      [0, 2.75],
      [0.475, 2.75],
      [0.33, 3.1],
      [0.15, 3.4],
      [0, 3.55],
    ]),
    RED,
  ),
  part(shapes.torus(0.68, 0.05), RED, { at: [0, 1.95, 0], turn: [Math.PI / 2, 0, 0], trim: true }),
  part(shapes.torus(0.65, 0.05), RED, { at: [0, 0.85, 0], turn: [Math.PI / 2, 0, 0], trim: true }),
  part(shapes.cylinder(0.3, 0.46, 0.4), NOZZLE, { at: [0, 0.2, 0] }),
  ...[0, 1, 2].map((fin) => part(finShape(shapes), RED, { turn: [0, Math.PI / 6 + (fin * 2 * Math.PI) / 3, 0] })),
  ...[0.15, 2.25, 4.35].flatMap((angle, index) => {
    const at = [0.68 * Math.sin(angle), 1.5, 0.68 * Math.cos(angle)] as const;
    const turn = [Math.PI / 2, angle, 0] as const;
    return [
      part(shapes.cylinder(0.27, 0.27, 0.12), RIM, { at, turn, trim: index > 0 }),
      part(shapes.cylinder(0.2, 0.2, 0.15), GLASS, { at, turn, trim: index > 0 }),
    ];
  }),
];

function finShape(shapes: Shapes) {
  const outline = [
    [0.45, 0.45],
    [1.15, -0.05],
    [1.3, 0.1],
    [1.1, 0.75],
    [0.6, 1.35],
  ] as const;
  return shapes.slab(outline, 0.12, 0.03);
}
