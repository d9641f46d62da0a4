import type { RgbImage } from './decode-image.js';
import { IMAGE_SIDE } from './interfaces.js';

/** For every output position: the first input position it reads, how many, and their weights (a fixed stride apart). */
interface Taps {
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float32Array;
  readonly stride: number;
}

/**
 * Triangle weights of an antialiased bilinear resize along one axis.
 *
 * Single precision at every step, as PyTorch's `_upsample_bilinear2d_aa` computes them with align_corners off
 * (aten/src/ATen/native/cpu/UpSampleKernel.cpp): the filter is stretched by the scale when shrinking, and is plain
 * linear interpolation when enlarging.
 */
function triangleTaps(inputLength: number, outputLength: number): Taps {
  const f32 = Math.fround;
  const scale = f32(inputLength / outputLength);
  const support = Math.max(scale, 1);
  const inverse = scale >= 1 ? f32(1 / scale) : 1;
  const stride = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(outputLength);
  const count = new Int32Array(outputLength);
  const weights = new Float32Array(outputLength * stride);
  for (let out = 0; out < outputLength; out++) {
    const centre = f32(scale * (out + 0.5));
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), inputLength);
    const row = weights.subarray(out * stride, out * stride + end - first);
    let sum = 0;
    for (let j = 0; j < row.length; j++) {
      const distance = Math.abs(f32(f32(f32(j + first - centre) + 0.5) * inverse));
      const weight = distance < 1 ? f32(1 - distance) : 0;
      row[j] = weight;
      sum = f32(sum + weight);
    }
    for (let j = 0; j < row.length; j++) row[j] = (row[j] as number) / sum;
    start[out] = first;
    count[out] = row.length;
  }
  return { start, count, weights, stride };
}

/**
 * Squashes a picture to 224×224 in floating point, without rounding to bytes in between and without cropping.
 *
 * sharp's own resize kernels round and filter differently, which moves embeddings by up to 1.2e-2; this follows torch
 * to 2e-6 after normalisation. Every source row is resized across and at once added to the output rows that read it, so
 * memory does not grow with the picture's height.
 *
 * @returns 3×224×224 floats in [0, 1]: the planes R, G, B, rows from the top.
 */
export function resizeToFloat(image: RgbImage): Float32Array {
  const across = triangleTaps(image.width, IMAGE_SIDE);
  const down = triangleTaps(image.height, IMAGE_SIDE);
  const rowLength = IMAGE_SIDE * 3;
  const sums = new Float64Array(IMAGE_SIDE * rowLength);
  const row = new Float32Array(rowLength);
  let firstOut = 0;
  for (let y = 0; y < image.height; y++) {
    const readsNoMore = (out: number) => (down.start[out] as number) + (down.count[out] as number) <= y;
    while (firstOut < IMAGE_SIDE && readsNoMore(firstOut)) firstOut++;
    if (firstOut === IMAGE_SIDE) break;
    if ((down.start[firstOut] as number) > y) continue;
    resizeRow(image, y, across, row);
    for (let out = firstOut; out < IMAGE_SIDE && (down.start[out] as number) <= y; out++) {
      const weight = down.weights[out * down.stride + y - (down.start[out] as number)] as number;
      const at = out * rowLength;
      for (let i = 0; i < rowLength; i++) sums[at + i] = (sums[at + i] as number) + weight * (row[i] as number);
    }
  }
  return toPlanes(sums);
}

/** Writes one source row, resized across, into `row`: interleaved, in 0..255. Indices are in range by construction. */
function resizeRow({ data, width }: RgbImage, y: number, taps: Taps, row: Float32Array): void {
  for (let x = 0; x < IMAGE_SIDE; x++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let at = (y * width + (taps.start[x] as number)) * 3;
    const end = x * taps.stride + (taps.count[x] as number);
    for (let k = x * taps.stride; k < end; k++, at += 3) {
      const weight = taps.weights[k] as number;
      red += weight * (data[at] as number);
      green += weight * (data[at + 1] as number);
      blue += weight * (data[at + 2] as number);
    }
    row[x * 3] = red;
    row[x * 3 + 1] = green;
    row[x * 3 + 2] = blue;
  }
}

function toPlanes(interleaved: Float64Array): Float32Array {
  const size = IMAGE_SIDE * IMAGE_SIDE;
  const planes = new Float32Array(3 * size);
  for (let i = 0; i < size; i++) {
    planes[i] = (interleaved[i * 3] as number) / 255;
    planes[size + i] = (interleaved[i * 3 + 1] as number) / 255;
    planes[2 * size + i] = (interleaved[i * 3 + 2] as number) / 255;
  }
  return planes;
}
