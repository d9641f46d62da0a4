import type { Stem } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forcedOutcomes, isForcedText, type SideFiles } from '../../src/gen3d/duel/forced-outcomes.js';
import { lowerPenaltyWins, pairwiseVerdict } from '../../src/gen3d/duel/pairwise.js';
import { marginRange, scoreOf } from '../../src/gen3d/duel/score.js';
import { stem, stems } from '../support/samples.js';

type File = 'none' | 'no_preview' | 'good' | 'late';
const FILES: Record<Exclude<File, 'none'>, { png: string | null; generation_time: number }> = {
  no_preview: { png: null, generation_time: 5 },
  good: { png: 'x', generation_time: 180 },
  late: { png: 'x', generation_time: 180.01 },
};
const side = (files: readonly File[]): SideFiles =>
  new Map(
    files.flatMap((file, n): [Stem, { png: string | null; generation_time: number }][] =>
      file === 'none' ? [] : [[stem(n), FILES[file]]],
    ),
  );
const forced = (left: readonly File[], right: readonly File[], overtimeToleranceRatio = 0) =>
  forcedOutcomes({
    prompts: stems(left.length),
    left: side(left),
    right: side(right),
    hardLimitSeconds: 180,
    overtimeToleranceRatio,
  });

describe('forced outcomes', () => {
  it('follow from missing previews first, then from time, and leave the rest to the judge', () => {
    const outcomes = forced(
      ['none', 'no_preview', 'good', 'late', 'good', 'late', 'late', 'good'],
      ['none', 'good', 'none', 'good', 'late', 'late', 'none', 'good'],
    );
    expect([...outcomes]).toEqual([
      [stem(0), { winner: 'draw', issues: 'No previews for p0000' }],
      [stem(1), { winner: 'right', issues: 'No preview for p0001 from left' }],
      [stem(2), { winner: 'left', issues: 'No preview for p0002 from right' }],
      [stem(3), { winner: 'right', issues: 'Generation time exceeded for left' }],
      [stem(4), { winner: 'left', issues: 'Generation time exceeded for right' }],
      [stem(5), { winner: 'draw', issues: 'Generation time exceeded for both' }],
      [stem(6), { winner: 'left', issues: 'No preview for p0006 from right' }],
    ]);
  });

  it('forgive the first late files of a side, in the order of the prompts', () => {
    const late = Array.from({ length: 128 }, () => 'late' as const);
    const good = late.map(() => 'good' as const);
    const lost = (ratio: number) => [...forced(late, good, ratio).keys()];
    expect(lost(0.05)).toEqual(stems(128).slice(6));
    expect(lost(0.1)).toEqual(stems(128).slice(12));
    expect(lost(1)).toEqual([]);
  });

  it('decide the whole match when a side has no usable file', () => {
    const none = Array.from({ length: 10 }, () => 'none' as const);
    const some: File[] = ['good', 'late', 'none', ...none.slice(3)];
    const outcomes = forced(some, none, 0.5);
    expect(outcomes.size).toBe(10);
    expect(scoreOf([...outcomes.values()])).toEqual({ score: -2, margin: -0.2 });
  });

  it('treat both sides alike', () => {
    const files = fc.constantFrom<File>('none', 'no_preview', 'good', 'late');
    const swap = (text: string) => text.replace(/left|right/g, (word) => (word === 'left' ? 'right' : 'left'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(files, files), { maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (pairs, ratio) => {
          const [left, right] = [pairs.map((pair) => pair[0]), pairs.map((pair) => pair[1])];
          const mirrored = [...forced(right, left, ratio)].map(([name, { winner, issues }]) => [
            name,
            { winner: swap(winner), issues: swap(issues) },
          ]);
          expect(mirrored).toEqual([...forced(left, right, ratio)]);
        },
      ),
    );
  });

  it('have texts of their own', () => {
    expect(isForcedText(stem(1), 'No preview for p0001 from left')).toBe(true);
    expect(isForcedText(stem(1), 'No preview for p0002 from left')).toBe(false);
    expect(isForcedText(stem(1), 'Generation time exceeded for both')).toBe(true);
    expect(isForcedText(stem(1), 'The left model has no texture')).toBe(false);
  });
});

describe('the score', () => {
  it("is the right side's wins less the left's, and the margin its share of all duels", () => {
    const duels = (['right', 'right', 'left', 'draw', 'skipped'] as const).map((winner) => ({ winner }));
    expect(scoreOf(duels)).toEqual({ score: 1, margin: 0.2 });
    expect(scoreOf([])).toEqual({ score: 0, margin: 0 });
  });

  it('lies in a range when some duels are in doubt, whatever was written for them', () => {
    const duels = (['right', 'right', 'left', 'draw', 'draw'] as const).map((winner, n) => ({ winner, n }));
    expect(marginRange(duels, () => false)).toEqual({ lower: 0.2, upper: 0.2 });
    expect(marginRange(duels, ({ n }) => n >= 3)).toEqual({ lower: -0.2, upper: 0.6 });
    expect(marginRange(duels, ({ n }) => n === 0)).toEqual({ lower: -0.2, upper: 0.2 });
  });
});

describe('the pairwise judge', () => {
  it('takes the mean of both orders, so that a liking for one position cancels out', () => {
    expect(pairwiseVerdict([2, 6], [6, 2], 1)).toEqual({ winner: 'draw', leftPenalty: 4, rightPenalty: 4 });
    expect(pairwiseVerdict([3, 4], [5, 6], 1)).toEqual({ winner: 'left', leftPenalty: 3.5, rightPenalty: 5.5 });
  });

  it('calls a difference up to the threshold a draw', () => {
    expect(lowerPenaltyWins(4, 3, 1)).toBe('draw');
    expect(lowerPenaltyWins(4, 2.5, 1)).toBe('right');
    expect(lowerPenaltyWins(2.5, 4, 1)).toBe('left');
    expect(lowerPenaltyWins(3, 3, 0)).toBe('draw');
  });

  it('is the same for both sides', () => {
    const penalties = fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 2, maxLength: 2 });
    const other = { left: 'right', right: 'left', draw: 'draw' } as const;
    fc.assert(
      fc.property(penalties, penalties, fc.double({ min: 0, max: 3, noNaN: true }), (left, right, threshold) => {
        expect(pairwiseVerdict(right, left, threshold).winner).toBe(
          other[pairwiseVerdict(left, right, threshold).winner],
        );
      }),
    );
  });

  it('decides nothing from answers that are missing or not numbers', () => {
    expect(() => pairwiseVerdict([], [], 1)).toThrow();
    expect(() => pairwiseVerdict([1], [1, 2], 1)).toThrow();
    expect(() => pairwiseVerdict([Number.NaN], [1], 1)).toThrow();
  });
});
