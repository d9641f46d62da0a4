import { createHash } from 'node:crypto';

/**
 * Noise in [-1, 1) that depends on a seed and a position alone, so vertices that share a position move together and no
 * seam opens, whatever order they come in.
 */
export type PositionNoise = (x: number, y: number, z: number, axis: 0 | 1 | 2) => number;

/** Positions closer than this count as one. */
const POSITION_STEP = 1e-5;

/** Makes a noise from a seed of any text: the same text, the same noise. */
export function positionNoise(seed: string): PositionNoise {
  const start = createHash('sha256').update(seed).digest().readUInt32LE(0);
  return (x, y, z, axis) => {
    let hash = start ^ (axis + 1);
    for (const coordinate of [x, y, z]) hash = mix(hash ^ Math.round(coordinate / POSITION_STEP));
    return (hash >>> 0) / 2 ** 31 - 1;
  };
}

/** MurmurHash3's finaliser over a 32-bit state. */
function mix(state: number): number {
  let bits = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
