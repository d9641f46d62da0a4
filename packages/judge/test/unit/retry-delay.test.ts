import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs, retryDelayMs } from '../../src/retry-delay.js';

const BOUNDS = { firstWaitMs: 1000, maxWaitMs: 60_000 };
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the wait before another try', () => {
  it('doubles, and is spread by half', () => {
    expect([1, 2, 3, 10].map((failures) => retryDelayMs(failures, 0.5, undefined, BOUNDS))).toEqual([
      750, 1500, 3000, 45_000,
    ]);
    expect(retryDelayMs(1, 0, undefined, BOUNDS)).toBe(500);
  });

  it('is never shorter than asked for, nor longer than our bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        random,
        fc.option(fc.nat(), { nil: undefined }),
        (failures, r, asked) => {
          const wait = retryDelayMs(failures, r, asked, BOUNDS);
          expect(wait).toBeLessThanOrEqual(BOUNDS.maxWaitMs);
          expect(wait).toBeGreaterThanOrEqual(Math.min(asked ?? 0, BOUNDS.maxWaitMs));
        },
      ),
    );
  });
});

describe('what an endpoint asks for', () => {
  it.each([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '250', 'retry-after': '3' }, 250],
    [{ 'retry-after': 'Fri, 20 Nov 2026 10:00:05 GMT', date: 'Fri, 20 Nov 2026 10:00:00 GMT' }, 5000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 09:00:00 GMT', date: 'Fri, 20 Nov 2026 10:00:00 GMT' }, 0],
    [{ 'retry-after': 'Fri, 20 Nov 2026 10:00:05 GMT' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{}, undefined],
  ])('is read from %j', (headers, expected) => {
    expect(retryAfterMs(new Headers(headers as Record<string, string>))).toBe(expected);
  });
});
