import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from '../../src/byte-range.js';

describe('a Range header', () => {
  it.each([
    ['bytes=0-0', 10, { first: 0, last: 0 }],
    ['bytes=0-', 10, { first: 0, last: 9 }],
    ['bytes=5-100', 10, { first: 5, last: 9 }],
    ['bytes=-3', 10, { first: 7, last: 9 }],
    ['bytes=-30', 10, { first: 0, last: 9 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=5-3', 10, 'whole'],
    ['bytes=-', 10, 'whole'],
    ['bytes=0-1,3-4', 10, 'whole'],
    ['lines=1-2', 10, 'whole'],
    ['nonsense', 10, 'whole'],
    [undefined, 10, 'whole'],
  ])('reads %j of %i bytes', (header, sizeBytes, expected) => {
    expect(parseRange(header, sizeBytes)).toEqual(expected);
  });

  it('never reaches outside the object', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.nat()), fc.option(fc.nat()), fc.nat(), (noise, from, to, sizeBytes) => {
        for (const header of [noise, `bytes=${from ?? ''}-${to ?? ''}`]) {
          const range = parseRange(header, sizeBytes);
          if (typeof range === 'string') continue;
          expect(range.first).toBeGreaterThanOrEqual(0);
          expect(range.last).toBeGreaterThanOrEqual(range.first);
          expect(range.last).toBeLessThan(sizeBytes);
        }
      }),
    );
  });
});
