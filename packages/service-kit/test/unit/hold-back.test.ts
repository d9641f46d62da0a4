import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdBack } from '../../src/hold-back.js';
import { retryLater } from '../../src/retry-later.js';

describe('holding back repeats', () => {
  it('tells each key at most once in its time, and loses count of none', () => {
    const reports = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), afterMs: fc.nat({ max: 80 }) }));
    fc.assert(
      fc.property(reports, (events) => {
        let now = 0;
        const heldBackOf = holdBack(100, () => now);
        const last = new Map<string, number>();
        const untold = new Map<string, number>();
        for (const { key, afterMs } of events) {
          now += afterMs;
          const told = heldBackOf(key);
          const isDue = now - (last.get(key) ?? Number.NEGATIVE_INFINITY) >= 100;
          expect(told).toBe(isDue ? (untold.get(key) ?? 0) : undefined);
          if (isDue) last.set(key, now);
          untold.set(key, isDue ? 0 : (untold.get(key) ?? 0) + 1);
        }
      }),
    );
  });

  it('remembers a bounded number of keys', () => {
    const heldBackOf = holdBack(100, () => 0);
    for (let n = 0; n < 1_001; n += 1) heldBackOf(`key ${n}`);
    expect(heldBackOf('key 0')).toBe(0);
    expect(heldBackOf('key 1000')).toBeUndefined();
  });
});

const WHY = { kind: 'baseline', reason: 'its pods were lost' } as const;

describe('putting off', () => {
  it('leaves a key alone for exactly the pause', () => {
    let now = 0;
    const retries = retryLater(50, { now: () => now });
    expect(retries.isPutOff('a')).toBe(false);
    expect(retries.putOff('a', WHY)).toEqual({ pauseMs: 50, times: 1 });
    now = 49;
    expect(retries.isPutOff('a')).toBe(true);
    expect(retries.isPutOff('b')).toBe(false);
    now = 50;
    expect(retries.isPutOff('a')).toBe(false);
  });

  it('takes longer each time, up to its bound, and starts over once the key is done', () => {
    const retries = retryLater(100, { longest: 4, now: () => 0 });
    expect([1, 2, 3, 4].map(() => retries.putOff('a', WHY).pauseMs)).toEqual([100, 200, 400, 400]);
    expect(retries.putOff('b', WHY)).toEqual({ pauseMs: 100, times: 1 });
    retries.forget('a');
    expect(retries.putOff('a', WHY)).toEqual({ pauseMs: 100, times: 1 });
  });

  it('tells what is not done, also while it is tried again, and when it is tried', () => {
    let now = 0;
    const retries = retryLater(50, { now: () => now });
    retries.putOff('a', WHY);
    now = 20;
    expect(retries.stuck()).toEqual([{ ...WHY, retryInMs: 30 }]);
    now = 70;
    expect(retries.stuck()).toEqual([{ ...WHY, retryInMs: 0 }]);
    retries.retain(new Set(['b']));
    expect(retries.stuck()).toEqual([]);
  });
});
