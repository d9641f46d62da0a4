import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelayMs, waitMs } from '../../src/backoff.js';
import { BoundedCache } from '../../src/bounded-cache.js';

describe('a bounded cache', () => {
  it('never weighs more than allowed, and gives back only what was put in last', () => {
    const step = fc.record({ key: fc.nat(9), weight: fc.integer({ min: 1, max: 40 }), read: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const cache = new BoundedCache<number, number>(100);
        const latest = new Map<number, { value: number; weight: number }>();
        steps.forEach(({ key, weight, read }, value) => {
          if (!read) {
            cache.set(key, value, weight);
            latest.set(key, { value, weight });
          }
          const held = [...latest].filter(([k]) => cache.get(k) !== undefined);
          for (const [k, entry] of held) expect(cache.get(k)).toBe(entry.value);
          expect(held.reduce((sum, [, entry]) => sum + entry.weight, 0)).toBeLessThanOrEqual(100);
        });
      }),
    );
  });

  it('forgets first what was not used for longest', () => {
    const cache = new BoundedCache<string, string>(2);
    cache.set('a', 'A', 1);
    cache.set('b', 'B', 1);
    cache.get('a');
    cache.set('c', 'C', 1);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C']);
  });
});

describe('backoff', () => {
  it('doubles its limit up to the largest, and is never nothing', () => {
    const options = { firstDelayMs: 100, maxDelayMs: 1000 };
    expect([1, 2, 3, 4, 5, 1000].map((failures) => backoffDelayMs(failures, options, 1))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
    expect(backoffDelayMs(1, options, 0)).toBe(10);
  });

  it('ends at once when its signal aborts, with the reason', async () => {
    await expect(waitMs(60_000, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
