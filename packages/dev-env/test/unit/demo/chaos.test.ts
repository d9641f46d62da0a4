import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHAOS_DEFAULTS, chaosPlan } from '../../../src/gen3d/demo/chaos.js';
import { SERVICE_NAMES } from '../../../src/gen3d/network/service-names.js';

function firstSteps(seed: string, count: number) {
  const plan = chaosPlan({ ...CHAOS_DEFAULTS, seed }, SERVICE_NAMES);
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

  it('spares no service: of five kills in a row each hits another one', () => {
    const services = firstSteps('any', 30).map((step) => step.service);
    for (let at = 0; at < services.length; at += SERVICE_NAMES.length) {
      expect(new Set(services.slice(at, at + SERVICE_NAMES.length)).size).toBe(SERVICE_NAMES.length);
    }
    expect(services.slice(0, 5)).not.toEqual(services.slice(5, 10));
  });
});
