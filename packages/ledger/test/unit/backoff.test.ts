import { describe, expect, it } from 'vitest';
import { backoffDelayMs, waitMs } from '../../src/backoff.js';

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
