import type { Hotkey } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { openRunRetries } from '../../src/run-retries.js';

const [A, B] = ['a' as Hotkey, 'b' as Hotkey];

describe('the pauses between runs without a verdict', () => {
  it('double up to sixteen times the first, for each side alone', () => {
    const clock = { now: 0 };
    const retries = openRunRetries(100, () => clock.now);
    const pauses = Array.from({ length: 7 }, () => {
      retries.putOff(A);
      const from = clock.now;
      while (retries.isPutOff(A)) clock.now += 50;
      return clock.now - from;
    });
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 1_600, 1_600]);
    expect(retries.isPutOff(B)).toBe(false);
  });

  it('begin anew once a run has ended, and with another round', () => {
    const clock = { now: 0 };
    const retries = openRunRetries(100, () => clock.now);
    const pauseNow = () => {
      retries.putOff(A);
      const from = clock.now;
      while (retries.isPutOff(A)) clock.now += 50;
      return clock.now - from;
    };
    expect([pauseNow(), pauseNow()]).toEqual([100, 200]);
    retries.forget(A);
    expect([pauseNow(), pauseNow()]).toEqual([100, 200]);
    retries.clear();
    expect([retries.isPutOff(A), pauseNow()]).toEqual([false, 100]);
  });
});
