import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_WEIGHT, normalizeWeights } from '../../src/submit/normalize-weights.js';

const uid = fc.nat({ max: 0xffff });
const share = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });

describe('normalising weights', () => {
  it('gives the largest share 65535 and the others their ratio to it', () => {
    const shares = new Map([
      [7, 0.2],
      [3, 0.8],
    ]);
    expect([...normalizeWeights(shares)]).toEqual([
      [3, 65535],
      [7, 16384],
    ]);
    expect([...normalizeWeights(new Map([[0, 1e-300]]))]).toEqual([[0, 65535]]);
  });

  it('keeps ratios within half a step, whatever the scale, and leaves out what rounds to 0', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(uid, share), { minLength: 1, selector: ([id]) => id }), (pairs) => {
        const largest = Math.max(...pairs.map(([, value]) => value));
        fc.pre(largest > 0);
        const weights = normalizeWeights(new Map(pairs));
        expect(Math.max(...weights.values())).toBe(MAX_WEIGHT);
        expect([...weights.keys()]).toEqual([...weights.keys()].sort((a, b) => a - b));
        for (const [id, value] of pairs) {
          const weight = weights.get(id) ?? 0;
          expect(Math.abs(weight - (value / largest) * MAX_WEIGHT)).toBeLessThanOrEqual(0.5);
          expect(weights.has(id)).toBe(weight > 0);
        }
      }),
    );
  });

  it('refuses shares and uids that mean nothing', () => {
    const refused: [number, number][] = [
      [1, Number.NaN],
      [1, Number.POSITIVE_INFINITY],
      [1, -0.1],
      [-1, 1],
      [0.5, 1],
      [0x10000, 1],
      [1, 0],
    ];
    for (const pair of refused) {
      expect(() => normalizeWeights(new Map([pair]))).toThrowError(expect.objectContaining({ code: 'bad_weights' }));
    }
    expect(() => normalizeWeights(new Map())).toThrowError(expect.objectContaining({ code: 'bad_weights' }));
  });
});
