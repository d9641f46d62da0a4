import type { Hotkey } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { openMinerTime } from '../../src/miner-time.js';

const [A, B] = ['a' as Hotkey, 'b' as Hotkey];

const BUDGET_MS = 1_000;

function accounts() {
  const clock = { now: 5_000 };
  return { clock, time: openMinerTime(() => clock.now) };
}

describe('what miners use of our time', () => {
  it('counts places by the time that they are held, those under way included', async () => {
    const { clock, time } = accounts();
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const [one, two] = [time.using(A, () => ended), time.using(A, () => ended)];
    clock.now += 300;
    expect([time.usedMs(A), time.usedMs(B)]).toEqual([600, 0]);
    end();
    await Promise.all([one, two]);
    clock.now += 1_000;
    expect(time.usedMs(A)).toBe(600);
  });

  it('frees a place of work that fails', async () => {
    const { clock, time } = accounts();
    await expect(time.using(A, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    clock.now += 100;
    expect(time.usedMs(A)).toBe(0);
  });

  it('ends when what counts comes to the budget, of each miner alone', () => {
    const { time } = accounts();
    time.charge(A, 999);
    expect(time.isSpent(A, BUDGET_MS)).toBe(false);
    time.charge(A, 1);
    expect([time.isSpent(A, BUDGET_MS), time.isSpent(B, BUDGET_MS)]).toEqual([true, false]);
  });

  it('takes over what was published once, and forgets everything with the round', () => {
    const { time } = accounts();
    time.resume(A, 900);
    time.charge(A, 50);
    time.resume(A, 900);
    expect(time.isSpent(A, BUDGET_MS)).toBe(false);
    time.charge(A, 50);
    expect(time.isSpent(A, BUDGET_MS)).toBe(true);
    time.forget();
    expect(time.isSpent(A, BUDGET_MS)).toBe(false);
    time.resume(A, 0);
    time.charge(A, 999);
    expect(time.isSpent(A, BUDGET_MS)).toBe(false);
  });
});
