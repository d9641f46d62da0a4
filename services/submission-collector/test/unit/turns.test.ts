import type { Hotkey } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { openTurns } from '../../src/turns.js';

const [A, B] = ['a' as Hotkey, 'b' as Hotkey];
const file = { hotkey: A, url: 'http://cdn/x' };
const never = new AbortController().signal;

function turnsAt() {
  const clock = { now: 5_000 };
  const places = { perHost: 2, atOnce: 2, deskPlaces: 1, drawnMs: () => 0 };
  const turns = openTurns({ ...places, jitterMs: 100, random: () => 0.5, now: () => clock.now });
  return { clock, turns };
}

describe('the turns of miners', () => {
  it('begin after a random pause of each, counted from the first look', () => {
    const { turns, clock } = turnsAt();
    expect(turns.mayBegin(A)).toBe(false);
    clock.now += 49;
    expect(turns.mayBegin(A)).toBe(false);
    clock.now += 1;
    expect(turns.mayBegin(A)).toBe(true);
  });

  it('count places by the time that they are held, those under way included', async () => {
    const { clock, turns } = turnsAt();
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let began = 0;
    const work = () => {
      began += 1;
      return ended;
    };
    const [one, two] = [turns.inPlace(file, work, never), turns.inPlace(file, work, never)];
    await expect.poll(() => began).toBe(2);
    clock.now += 300;
    expect([turns.usedMs(A), turns.usedMs(B)]).toEqual([600, 0]);
    end();
    await Promise.all([one, two]);
    clock.now += 1_000;
    expect(turns.usedMs(A)).toBe(600);
  });

  it('free a place of work that fails', async () => {
    const { clock, turns } = turnsAt();
    await expect(turns.inPlace(file, () => Promise.reject(new Error('broken')), never)).rejects.toThrow('broken');
    clock.now += 100;
    expect(turns.usedMs(A)).toBe(0);
  });
});
