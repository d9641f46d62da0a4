import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DESCRIPTOR_LENGTH, describePicture } from '../../src/descriptor.js';
import { resizeToFloat } from '../../src/resize.js';
import { lengthOf } from '../../src/unit-length.js';

const SIDE = 224;
const SIZE = SIDE * SIDE;
const COLOUR_NUMBERS = 588;

function planes(valueAt: (x: number, y: number, channel: number) => number): Float32Array {
  return Float32Array.from({ length: 3 * SIZE }, (_, i) =>
    valueAt(i % SIDE, Math.floor((i % SIZE) / SIDE), Math.floor(i / SIZE)),
  );
}

/** The gradient half's bins, added up over all cells. */
function orientations(descriptor: Float32Array): number[] {
  const sums = new Array<number>(8).fill(0);
  descriptor.subarray(COLOUR_NUMBERS).forEach((value, i) => {
    sums[i % 8] = (sums[i % 8] ?? 0) + value;
  });
  return sums;
}

describe('descriptor-v1', () => {
  it('is 2156 numbers of unit length, both halves weighing the same', () => {
    const descriptor = describePicture(planes((x, _y, channel) => (x < 112 ? 0.2 : 0.9 - channel * 0.1)));
    expect(descriptor.length).toBe(DESCRIPTOR_LENGTH);
    expect(descriptor.length).toBe(2156);
    expect(lengthOf(descriptor)).toBeCloseTo(1, 6);
    expect(lengthOf(descriptor.subarray(0, COLOUR_NUMBERS))).toBeCloseTo(Math.SQRT1_2, 6);
  });

  it('holds the mean darkness of every cell and channel', () => {
    const inCell = (x: number, y: number) => x >= 32 && x < 48 && y >= 16 && y < 32; // Cell 2 of row 1.
    const flat = describePicture(planes((x, y, channel) => (inCell(x, y) ? ([0.4, 0.7, 0.7][channel] ?? 0) : 1)));
    const at = (1 * 14 + 2) * 3;
    expect((flat[at] ?? 0) / (flat[at + 1] ?? 0)).toBeCloseTo(2, 5);
    expect(flat[at + 1]).toBeCloseTo(flat[at + 2] ?? 0, 6);
    const elsewhere = flat.subarray(0, COLOUR_NUMBERS).filter((value, i) => (i < at || i >= at + 3) && value !== 0);
    expect(elsewhere.length).toBe(0);
  });

  it.each([
    { name: 'an upright edge', slope: (x: number, _y: number) => x, bins: [0] },
    { name: 'a level edge', slope: (_x: number, y: number) => y, bins: [4] },
    { name: 'a falling diagonal', slope: (x: number, y: number) => (x + y) / 1.5, bins: [2] },
    { name: 'a rising diagonal', slope: (x: number, y: number) => (x - y + 224) / 3, bins: [6] },
  ])('votes for the orientation of $name', ({ slope, bins }) => {
    const sums = orientations(describePicture(planes((x, y) => (slope(x, y) % 16) / 16)));
    // The sawtooth's slopes and its falls run the same way once angles are folded.
    const total = sums.reduce((a, b) => a + b, 0);
    const share = bins.reduce((sum, bin) => sum + (sums[bin] ?? 0), 0) / total;
    expect(share).toBeGreaterThan(0.95);
  });

  it('shares a vote between the two nearest bins, wrapping from the last to the first', () => {
    const angle = Math.PI * (7.25 / 8);
    const ramp = (x: number, y: number) => 0.5 + 0.03 * ((x - 112) * Math.cos(angle) + (y - 112) * Math.sin(angle));
    const sums = orientations(describePicture(planes((x, y) => Math.min(1, Math.max(0, ramp(x, y))))));
    expect((sums[0] ?? 0) / (sums[7] ?? 1)).toBeCloseTo(1 / 3, 1);
  });

  it('drops slopes under 0.02 a pixel, as of soft shading', () => {
    const steep = orientations(describePicture(planes((x) => 0.1 + (x % 32) * 0.021)));
    const soft = describePicture(planes((x) => 0.1 + x * 0.0039));
    expect(Math.max(...steep)).toBeGreaterThan(0);
    expect(Math.max(...orientations(soft))).toBe(0);
    expect(lengthOf(soft)).toBeCloseTo(1, 6); // A half that is all zero leaves the other the whole weight.
  });

  it('refuses a blank picture of any size, although the resize rounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), (width, height) => {
        const white = resizeToFloat({ width, height, data: new Uint8Array(width * height * 3).fill(255) });
        expect(() => describePicture(white)).toThrow(/blank/);
      }),
      { numRuns: 25 },
    );
  });

  it('sees one pixel that is one step off white', () => {
    const data = new Uint8Array(1024 * 1024 * 3).fill(255);
    data[3 * (1024 * 300 + 300)] = 254;
    expect(lengthOf(describePicture(resizeToFloat({ width: 1024, height: 1024, data })))).toBeCloseTo(1, 6);
  });
});
