import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/failures/backoff.js';

describe('the delay before another try', () => {
  it('doubles up to the longest one', () => {
    const backoff = { firstDelayMs: 100, maxDelayMs: 1000 };
    expect([1, 2, 3, 4, 5, 1000].map((failures) => backoffMs(failures, backoff))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
  });

  it('is shortened by chance, by its jitter at most', () => {
    const backoff = { firstDelayMs: 100, maxDelayMs: 1000, jitter: 0.9 };
    expect([0, 0.5, 1].map((random) => backoffMs(1, backoff, random))).toEqual([10, 55, 100]);
    expect(backoffMs(1000, backoff, 0)).toBe(100);
  });
});
