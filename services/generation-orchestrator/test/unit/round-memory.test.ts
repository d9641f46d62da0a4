import { type Hotkey, LEADER } from '@tiltyard/schema';
import type { GenerationResult, Stem } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { openRoundMemory } from '../../src/round-memory.js';

const A = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' as Hotkey;
const [X, Y] = ['x', 'y'] as [Stem, Stem];
const result = (attempts: number): GenerationResult => ({
  ...{ glb: 'g', png: 'p', generation_time: 1, size: 1, attempts, distance: 0 },
});

function bookAt() {
  const clock = { now: 0 };
  return { clock, book: openRoundMemory({ publishIntervalMs: 100, runRetryMs: 1, now: () => clock.now }) };
}

describe('results that are not published yet', () => {
  it('lie over what is published', () => {
    const { book } = bookAt();
    const [old, fresh] = [result(1), result(2)];
    book.add(A, X, fresh);
    expect(book.merged(A, { [X]: old, [Y]: old })).toEqual({ [X]: fresh, [Y]: old });
    expect(book.merged(LEADER, { [X]: old })).toEqual({ [X]: old });
  });

  it('are due once the first of them has waited', () => {
    const { book, clock } = bookAt();
    book.add(A, X, result(1));
    clock.now = 99;
    book.add(A, Y, result(1));
    expect(book.shouldPublish).toBe(false);
    clock.now = 100;
    expect(book.shouldPublish).toBe(true);
  });

  it('do not wait again because another side was published', () => {
    const { book, clock } = bookAt();
    book.add(A, X, result(1));
    clock.now = 60;
    book.add(LEADER, X, result(1));
    book.published(LEADER, book.merged(LEADER, {}));
    book.published(A, {});
    clock.now = 100;
    expect([book.sides(), book.shouldPublish]).toEqual([[A], true]);
  });

  it('are forgotten when published, unless they were bettered meanwhile', () => {
    const { book } = bookAt();
    const [first, better] = [result(1), result(2)];
    book.add(A, X, first);
    book.add(A, Y, first);
    const file = book.merged(A, {});
    book.add(A, Y, better);
    book.published(A, file);
    expect(book.merged(A, {})).toEqual({ [Y]: better });
    book.published(A, { [Y]: better });
    expect([book.sides(), book.shouldPublish]).toEqual([[], false]);
  });

  it('outlive a pause, not their round', () => {
    const { book } = bookAt();
    expect(book.enterRound(3)).toBe(true);
    book.add(A, X, result(1));
    expect(book.enterRound(3)).toBe(false);
    expect(book.sides()).toEqual([A]);
    expect(book.enterRound(4)).toBe(true);
    expect(book.sides()).toEqual([]);
  });

  it('can be dropped for one side', () => {
    const { book } = bookAt();
    book.add(A, X, result(1));
    book.add(LEADER, X, result(1));
    book.drop(A);
    expect(book.sides()).toEqual([LEADER]);
  });
});
