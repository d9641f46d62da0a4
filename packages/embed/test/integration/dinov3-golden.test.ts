import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import { seededWeights } from '../../bench/seeded-weights.js';
import { decodeImage } from '../../src/decode-image.js';
import { buildDinov3 } from '../../src/dinov3/graph.js';
import { type Dinov3Session, openSession } from '../../src/dinov3/session.js';
import { pixelValues } from '../../src/pixel-values.js';
import { resizeToFloat } from '../../src/resize.js';
import { scaleToUnit } from '../../src/unit-length.js';

const golden = sharedData('embed-golden');
const PIXELS = 3 * 224 * 224;
const WIDTH = 384;
/** What PyTorch was given, in the order of the tensors: shrunk, odd-sized, translucent, enlarged grey, and a JPEG. */
const PICTURES = [
  'sphere_1024.png',
  'noise_768x512.png',
  'rgba_400x600.png',
  'gray_up_100x90.png',
  'photo_640.jpg',
].map((file, i) => ({ file, i }));

async function floats(name: string): Promise<Float32Array> {
  const bytes = await readFile(path.join(golden ?? '', name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function largestDifference(left: Float32Array, right: Float32Array): number {
  expect(left.length).toBe(right.length);
  return left.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (right[i] ?? Number.NaN))), 0);
}

describe.skipIf(!golden)('DINOv3 against PyTorch (needs TILTYARD_SHARED)', () => {
  let pixels: Float32Array;
  let outputs: Float32Array;
  let session: Dinov3Session;

  beforeAll(async () => {
    pixels = await floats('pixel_values.f32');
    outputs = await floats('pooler_output.f32');
    session = await openSession(buildDinov3(seededWeights(), 'seeded'), 2, 'seeded');
  });
  afterAll(() => session[Symbol.asyncDispose]());

  it('draws the weights that PyTorch was given', async () => {
    const { wsum } = JSON.parse(await readFile(path.join(golden ?? '', 'meta.json'), 'utf8')) as { wsum: number };
    let [sum, count] = [0, 0];
    for (const { data } of seededWeights().values()) {
      count += data.length;
      for (const value of data) sum += value;
    }
    expect(count).toBe(21_596_160);
    expect(sum).toBeCloseTo(wsum, 6);
  });

  it.each(PICTURES)('sees the same pixels in $file', async ({ file, i }) => {
    const ours = pixelValues(resizeToFloat(await decodeImage(await readFile(path.join(golden ?? '', file)))));
    const theirs = pixels.subarray(i * PIXELS, (i + 1) * PIXELS);
    expect(largestDifference(ours, theirs)).toBeLessThan(2e-6);
  });

  it.each(PICTURES)('gives the same embedding of $file, from its pixels and from PyTorch’s', async ({ file, i }) => {
    const theirs = scaleToUnit(outputs.subarray(i * WIDTH, (i + 1) * WIDTH));
    const fromTheirPixels = await session.run(pixels.slice(i * PIXELS, (i + 1) * PIXELS));
    expect(largestDifference(fromTheirPixels, theirs)).toBeLessThan(1e-6);

    const bytes = await readFile(path.join(golden ?? '', file));
    const ours = await session.run(pixelValues(resizeToFloat(await decodeImage(bytes))));
    const dot = ours.reduce((sum, value, k) => sum + value * (theirs[k] ?? 0), 0);
    expect(Math.abs(1 - dot)).toBeLessThan(1e-7);
  });
});
