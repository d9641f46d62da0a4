import type { Hotkey } from '@tiltyard/schema';
import type { Generations } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { openMinerTime } from '../../src/miner-time.js';

const [A, B] = ['a' as Hotkey, 'b' as Hotkey];

const LIMITS = { miner_seconds: 1, miner_draw_seconds: 0.5 };
const fileOf = (hotkey: Hotkey, name = 'x') => ({ hotkey, url: `http://cdn/${name}` });

function accounts() {
  const clock = { now: 5_000 };
  return { clock, time: openMinerTime(() => clock.now) };
}

describe('what miners use of our time', () => {
  it('ends when downloading and drawing come to the limit together, of each miner alone', () => {
    const { time } = accounts();
    time.downloaded(fileOf(A), 600);
    time.drew(fileOf(A, 'y'), 399);
    expect(time.isSpent(A, LIMITS)).toBe(false);
    time.drew(fileOf(A, 'z'), 1);
    expect([time.isSpent(A, LIMITS), time.isSpent(B, LIMITS)]).toEqual([true, false]);
    expect([time.drawnMs(A), time.drawnMs(B)]).toEqual([400, 0]);
  });

  it('ends when drawing alone comes to its own limit', () => {
    const { time } = accounts();
    time.drew(fileOf(A), 499);
    expect(time.isSpent(A, LIMITS)).toBe(false);
    time.drew(fileOf(A), 1);
    expect(time.isSpent(A, LIMITS)).toBe(true);
  });

  it('gives each file what all tries at it have cost, to the millisecond, and says nothing of what cost nothing', () => {
    const { time } = accounts();
    time.downloaded(fileOf(A), 1_000.4);
    time.undrawn(fileOf(A), { leastMs: 100, mostMs: 900 });
    time.drew(fileOf(A), 250);
    expect(time.costOf(fileOf(A))).toEqual({ download_seconds: 1, draw_seconds: 0.35 });
    expect([time.costOf(fileOf(A, 'y')), time.costOf(fileOf(B))]).toEqual([{}, {}]);
  });

  it('takes over what was published once, and forgets everything with the round', () => {
    const { time } = accounts();
    const published = {
      one: { download_seconds: 0.5, draw_seconds: 0.3 },
      two: { draw_seconds: 0.1 },
    } as unknown as Generations;
    time.resume(A, published);
    time.downloaded(fileOf(A), 50);
    time.resume(A, published);
    expect(time.isSpent(A, LIMITS)).toBe(false);
    time.downloaded(fileOf(A), 50);
    expect([time.isSpent(A, LIMITS), time.drawnMs(A)]).toEqual([true, 400]);
    time.forget();
    expect([time.isSpent(A, LIMITS), time.drawnMs(A), time.costOf(fileOf(A))]).toEqual([false, 0, {}]);
  });
});

describe('a file that our machine fails to draw', () => {
  const failure = { leastMs: 10, mostMs: 480 };

  it('costs what it had of the machine, as long as nothing shows that there was more to have', () => {
    const { clock, time } = accounts();
    time.drew(fileOf(B), 5); // before: that proves nothing about now
    for (let tries = 1; tries <= 10; tries += 1) {
      clock.now += 1_000;
      time.undrawn(fileOf(A), failure);
      time.drew(fileOf(A, 'y'), 0); // its own files are no witness
    }
    expect(time.drawnMs(A)).toBe(100);
  });

  it('costs all that it may have cost once another miner’s file was drawn since the last such try: that ends, for the slow one alone', () => {
    const { clock, time } = accounts();
    time.undrawn(fileOf(A), failure);
    clock.now += 1_000;
    time.drew(fileOf(B), 5);
    clock.now += 1_000;
    time.undrawn(fileOf(A), failure);
    expect([time.drawnMs(A), time.isSpent(A, { ...LIMITS, miner_draw_seconds: 0.49 })]).toEqual([490, true]);
    expect(time.isSpent(B, LIMITS)).toBe(false);
  });
});
