import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultKind, faultPlan } from '../../../src/gen3d/local-judge/fault-plan.js';

const kinds = FaultKind.options;

describe('faults on purpose', () => {
  it('strike exactly one request in so many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.string(), fc.nat(50), (every, seed, block) => {
        const faultOf = faultPlan({ every, kinds, seed });
        const struck = Array.from({ length: every }, (_, index) => faultOf(block * every + index)).filter(Boolean);
        expect(struck).toHaveLength(1);
      }),
    );
  });

  it('are of every kind in the long run, and the same for the same seed', () => {
    const faults = (seed: string) => Array.from({ length: 200 }, (_, n) => faultPlan({ every: 3, kinds, seed })(n));
    expect(new Set(faults('a'))).toEqual(new Set([...kinds, undefined]));
    expect(faults('a')).toEqual(faults('a'));
    expect(faults('a')).not.toEqual(faults('b'));
  });

  it('are none at 0', () => {
    expect(faultPlan({ every: 0, kinds, seed: '' })(0)).toBeUndefined();
  });
});
