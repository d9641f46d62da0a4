import { VITS16 } from './architecture.js';

/** Cosines and sines by token and position within a head, row-major: `tokens` × `headWidth` each. */
export interface RopeTables {
  readonly tokens: number;
  readonly headWidth: number;
  readonly cos: Float32Array;
  /** With the sign of rotate_half folded in: x·cos + swap(x)·sin, where swap exchanges the two halves of a head. */
  readonly sin: Float32Array;
}

/**
 * The rotary position embedding of a square picture, in single precision as the reference computes it.
 *
 * A patch's centre lies in [-1, 1] on either axis, first y, then x. Each axis turns a quarter of a head's width at
 * angles 2π·centre·theta^(-4i/headWidth), and the pattern repeats in the second half of the head. The class token and
 * the registers come first and are not turned.
 *
 * @param side - Patches along an edge.
 * @see https://arxiv.org/abs/2508.10104 (DINOv3), and transformers' DINOv3ViTRopePositionEmbedding
 */
export function ropeTables(side: number): RopeTables {
  const { width, heads, registers, ropeTheta } = VITS16;
  const f32 = Math.fround;
  const headWidth = width / heads;
  const prefix = registers + 1;
  const tokens = prefix + side * side;
  const quarter = headWidth / 4;
  const cos = new Float32Array(tokens * headWidth).fill(1);
  const sin = new Float32Array(tokens * headWidth);
  const centre = (index: number) => f32(2 * f32(f32(index + 0.5) / side) - 1);
  for (let patch = 0; patch < side * side; patch++) {
    const at = (prefix + patch) * headWidth;
    for (const [axis, index] of [Math.floor(patch / side), patch % side].entries()) {
      for (let i = 0; i < quarter; i++) {
        const frequency = f32(1 / f32(ropeTheta ** f32((i * 4) / headWidth)));
        const angle = f32(f32(f32(2 * Math.PI) * centre(index)) * frequency);
        const first = at + axis * quarter + i;
        const second = first + headWidth / 2;
        cos[first] = Math.cos(angle);
        cos[second] = Math.cos(angle);
        sin[first] = -Math.sin(angle);
        sin[second] = Math.sin(angle);
      }
    }
  }
  return { tokens, headWidth, cos, sin };
}
