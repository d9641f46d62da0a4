import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHAOS_DEFAULTS, chaosPlan } from '../../../src/demo/chaos.js';
import { SERVICE_NAMES } from '../../../src/network/entries.js';

function firstSteps(seed: string, count: number) {
  const plan = chaosPlan(seed, SERVICE_NAMES);
  return Array.from({ length: count }, () => plan.next().value);
}

describe('a schedule of kills', () => {
  it('is the same for the same seed and another for another', () => {
    expect(firstSteps('seven', 50)).toEqual(firstSteps('seven', 50));
    expect(firstSteps('seven', 50)).not.toEqual(firstSteps('eight', 50));
  });

  it('leaves at least three and at most eight seconds between two kills', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        for (const { afterMs, service } of firstSteps(seed, 30)) {
          expect(afterMs).toBeGreaterThanOrEqual(CHAOS_DEFAULTS.leastPauseMs);
          expect(afterMs).toBeLessThanOrEqual(CHAOS_DEFAULTS.mostPauseMs);
          expect(SERVICE_NAMES).toContain(service);
        }
      }),
    );
  });

  it('spares nobody for long', () => {
    expect(new Set(firstSteps('any', 60).map((step) => step.service)).size).toBe(SERVICE_NAMES.length);
  });
});
