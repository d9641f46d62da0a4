import type { Hotkey } from '@tiltyard/schema';
import type { GenerationResult, Stem } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileKey, fileOf, openDownloads } from '../../src/downloads.js';

const ENTRY: GenerationResult = { glb: null, png: null, generation_time: 0, size: 0, attempts: 1, distance: 0 };

function bookAt() {
  const clock = { now: 1_000 };
  return { clock, book: openDownloads({ publishIntervalMs: 500, now: () => clock.now }) };
}

describe('the book of downloads', () => {
  it('names a file by hotkey and stem, and finds both again', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[1-9A-Za-z]{46}$/), fc.stringMatching(/^[\w.-]{1,40}$/), (hotkey, stem) => {
        const file = { hotkey: hotkey as Hotkey, stem: stem as Stem };
        expect(fileOf(fileKey(file))).toEqual(file);
      }),
    );
  });

  it('delays a file twice as long each time, up to five minutes', () => {
    const { book, clock } = bookAt();
    const pauses = Array.from({ length: 10 }, () => {
      book.putOff('a/b');
      const from = clock.now;
      while (!book.isDue('a/b')) clock.now += 1_000;
      return (clock.now - from) / 1_000;
    });
    expect(pauses).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it('wants to publish once the first finished entry has waited, and keeps entries until they are published', () => {
    const { book, clock } = bookAt();
    book.enterRound(0);
    book.finish('a/x', ENTRY);
    clock.now += 499;
    book.finish('a/y', ENTRY);
    expect(book.shouldPublish).toBe(false);
    clock.now += 1;
    expect(book.shouldPublish).toBe(true);
    book.published(['a/x']);
    expect([...book.finished().keys()]).toEqual(['a/y']);
    expect(book.shouldPublish).toBe(false);
  });

  it('keeps everything through a pause, and nothing of another round', () => {
    const { book } = bookAt();
    book.enterRound(4);
    book.finish('a/x', ENTRY);
    book.enterRound(4);
    expect(book.isFinished('a/x')).toBe(true);
    book.enterRound(5);
    expect(book.isFinished('a/x')).toBe(false);
  });
});
