import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { penaltyOf } from '../../../src/gen3d/local-judge/penalty-curve.js';

const anyDistance = fc.double({ min: 0, max: 2, noNaN: true });

describe('the penalty of a distance', () => {
  it('lies from 0 to 10 and never falls when the distance rises', () => {
    expect(penaltyOf(0)).toBe(0);
    fc.assert(
      fc.property(anyDistance, anyDistance, (a, b) => {
        const [near, far] = [penaltyOf(Math.min(a, b)), penaltyOf(Math.max(a, b))];
        expect(near).toBeLessThanOrEqual(far);
        expect(far).toBeLessThanOrEqual(10);
        expect(near).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
