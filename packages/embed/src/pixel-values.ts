import { IMAGE_SIDE } from './interfaces.js';

/** ImageNet's channel means and standard deviations, which DINOv3 was trained behind. */
const MEAN = [0.485, 0.456, 0.406] as const;
const DEVIATION = [0.229, 0.224, 0.225] as const;

/**
 * The model's input: every channel centred and scaled with ImageNet's statistics.
 *
 * @param planes - 3×224×224 floats in [0, 1], as from resizeToFloat.
 * @returns 3×224×224 floats, the same planes normalised.
 */
export function pixelValues(planes: Float32Array): Float32Array {
  const size = IMAGE_SIDE * IMAGE_SIDE;
  const values = new Float32Array(planes.length);
  for (const channel of [0, 1, 2] as const) {
    for (let i = channel * size; i < (channel + 1) * size; i++) {
      values[i] = ((planes[i] as number) - MEAN[channel]) / DEVIATION[channel];
    }
  }
  return values;
}
