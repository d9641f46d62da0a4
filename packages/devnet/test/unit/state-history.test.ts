import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Change, StateHistory } from '../../src/runtime/state-history.js';
import type { Hex } from '../../src/scale/codec.js';

const keys: readonly Hex[] = ['0x00', '0x0001', '0x0002', '0x01', '0x0100', '0x02'];
const change = fc.tuple(
  fc.constantFrom(...keys),
  fc.option(fc.constantFrom<Hex>('0xaa', '0xbb', '0xcc'), { nil: null }),
);
const blocks = fc.array(fc.uniqueArray(change, { selector: ([key]) => key, maxLength: 4 }), { maxLength: 12 });

describe('the history of the state', () => {
  it('reads every block as a map that was copied at that block would', () => {
    fc.assert(
      fc.property(
        blocks,
        fc.constantFrom<Hex>('0x', '0x00', '0x01'),
        fc.integer({ min: 1, max: 4 }),
        (given, prefix, count) => {
          const history = new StateHistory();
          const copies: ReadonlyMap<Hex, Hex>[] = [];
          const now = new Map<Hex, Hex>();
          given.forEach((changes: readonly Change[], block) => {
            history.apply(block, changes);
            for (const [key, value] of changes) value === null ? now.delete(key) : now.set(key, value);
            copies.push(new Map(now));
          });
          copies.forEach((copy, block) => {
            for (const key of keys) expect(history.read(key, block)).toBe(copy.get(key));
            const expected = [...copy.keys()].filter((key) => key.startsWith(prefix)).sort();
            const paged: Hex[] = [];
            for (
              let page = history.keys(prefix, block, count);
              page.length > 0;
              page = history.keys(prefix, block, count, paged.at(-1))
            ) {
              paged.push(...page);
            }
            expect(paged).toEqual(expected);
          });
        },
      ),
    );
  });
});
