import { glossy, matt, RUBBER, STEEL } from '../../paints.js';
import { bothSides, type Part, part, type Shapes, type Vec3 } from '../../shapes.js';
import type { SampleObject } from '../sample-object.js';

const FRAME = glossy(0xd7263d);
const SADDLE = matt(0x5a3620);
const REAR: Vec3 = [0, 0.5, -0.8];
const FRONT: Vec3 = [0, 0.5, 0.85];
const CRANK: Vec3 = [0, 0.46, -0.05];
const SEAT: Vec3 = [0, 1.22, -0.3];
const HEAD: Vec3 = [0, 1.18, 0.55];

/** A city bicycle, riding towards +z. */
export const bicycle: SampleObject = (shapes) => [
  ...wheel(shapes, REAR),
  ...wheel(shapes, FRONT),
  ...(
    [
      [REAR, CRANK],
      [REAR, SEAT],
      [CRANK, SEAT],
      [CRANK, HEAD],
      [SEAT, HEAD],
    ] as const
  ).map(([from, to]) => rod(shapes, from, to, 0.05, FRAME)),
  ...bothSides((side) => rod(shapes, [side * 0.07, 0.5, 0.85], [side * 0.05, 1.2, 0.55], 0.035, FRAME)),
  rod(shapes, HEAD, [0, 1.42, 0.47], 0.045, STEEL),
  rod(shapes, SEAT, [0, 1.38, -0.35], 0.04, STEEL),
  part(shapes.sphere(0.2), SADDLE, { at: [0, 1.42, -0.36], scale: [0.75, 0.35, 1.35] }),
  part(
    shapes.tube(
      [
        [-0.45, 1.38, 0.22],
        [-0.3, 1.44, 0.45],
        [0, 1.43, 0.5],
        [0.3, 1.44, 0.45],
        [0.45, 1.38, 0.22],
      ],
      0.035,
    ),
    STEEL,
  ),
  ...bothSides((side) => part(shapes.sphere(0.06), RUBBER, { at: [side * 0.45, 1.38, 0.2], scale: [1, 1, 2] })),
  part(shapes.cylinder(0.17, 0.17, 0.04), STEEL, { at: CRANK, turn: [0, 0, Math.PI / 2], trim: true }),
  ...bothSides((side) =>
    part(shapes.box(0.14, 0.05, 0.12), RUBBER, { at: [side * 0.16, 0.46 - side * 0.2, -0.05], trim: true }),
  ),
];

function wheel(shapes: Shapes, at: Vec3): Part[] {
  const spokes = [0, 1, 2, 3].map((turn) =>
    part(shapes.cylinder(0.012, 0.012, 0.9, 8), STEEL, { at, turn: [(turn * Math.PI) / 4, 0, 0], trim: true }),
  );
  return [
    part(shapes.torus(0.45, 0.05), RUBBER, { at, turn: [0, Math.PI / 2, 0] }),
    part(shapes.cylinder(0.06, 0.06, 0.12, 16), STEEL, { at, turn: [0, 0, Math.PI / 2] }),
    ...spokes,
  ];
}

function rod(shapes: Shapes, from: Vec3, to: Vec3, radius: number, paint: Part['paint']): Part {
  const [dx, dy, dz] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const at: Vec3 = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2, (from[2] + to[2]) / 2];
  const length = Math.hypot(dx, dy, dz);
  const turn: Vec3 = [Math.atan2(dz, dy), 0, -Math.asin(dx / length)];
  return part(shapes.cylinder(radius, radius, length, 16), paint, { at, turn });
}
