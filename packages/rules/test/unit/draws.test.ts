import { readFileSync } from 'node:fs';
import { stemOf } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { criticalPrompts } from '../../src/gen3d/audit/critical-prompts.js';
import { fixed2 } from '../../src/gen3d/audit/fixed2.js';
import { drawCarryover, drawPrompts } from '../../src/gen3d/round/prompts.js';
import { seedOf } from '../../src/gen3d/round/seed.js';
import { Twister } from '../../src/random/twister.js';
import { RulesError } from '../../src/rules-error.js';
import { median, trimmedMedian } from '../../src/statistics/trimmed-median.js';
import { stem } from '../support/samples.js';

const Vectors = z.object({
  seeds: z.array(z.object({ hash: z.string(), round: z.number(), seed: z.number() })),
  prompts: z.array(
    z.object({
      seed: z.number(),
      round: z.number(),
      previous: z.array(z.number()),
      pool: z.array(z.number()),
      perRound: z.number(),
      carryover: z.number(),
      prompts: z.array(z.number()),
    }),
  ),
  fixed2: z.array(z.tuple([z.number(), z.string()])),
  medians: z.array(z.tuple([z.array(z.number()), z.number()])),
});
const vectors = Vectors.parse(JSON.parse(readFileSync(new URL('../vectors/decisions.json', import.meta.url), 'utf8')));
const line = (n: number) => `https://prompts.example/${n}.png`;

describe('the seed', () => {
  it('is what Python makes of the same block hash and round', () => {
    for (const { hash, round, seed } of vectors.seeds) expect(seedOf(hash, round)).toBe(seed);
  });

  it('does not depend on how the hash is written', () => {
    expect(seedOf(`0x${'AB'.repeat(32)}`, 3)).toBe(seedOf(`0x${'ab'.repeat(32)}`, 3));
  });

  it('is refused for anything but a 32-byte hash and a round', () => {
    for (const hash of ['', '0x', 'ab'.repeat(32), `0x${'ab'.repeat(31)}`, `0x${'zz'.repeat(32)}`]) {
      expect(() => seedOf(hash, 0)).toThrow(RulesError);
    }
    expect(() => seedOf(`0x${'00'.repeat(32)}`, -1)).toThrow(RulesError);
    expect(() => seedOf(`0x${'00'.repeat(32)}`, 2 ** 32)).toThrow(RulesError);
  });
});

describe("a round's prompts", () => {
  it('are those that Python draws', () => {
    for (const vector of vectors.prompts) {
      const { prompts, poolExhausted } = drawPrompts({
        seed: vector.seed,
        round: vector.round,
        previous: vector.previous.map(line),
        pool: vector.pool.map(line),
        promptsPerRound: vector.perRound,
        carryoverPrompts: vector.carryover,
      });
      expect(prompts).toEqual(vector.prompts.map(line));
      expect(poolExhausted).toBe(vector.prompts.length < vector.perRound);
    }
  });

  it('never repeat a stem, begin with what is carried over, and are fewer only when the pool holds no other', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(0xffffffff),
          round: fc.nat(3),
          previous: fc.uniqueArray(fc.nat(80), { maxLength: 50 }),
          pool: fc.array(fc.nat(80), { maxLength: 60 }),
          promptsPerRound: fc.integer({ min: 1, max: 40 }),
          carryoverPrompts: fc.nat(20),
        }),
        (input) => {
          const draw = { ...input, previous: input.previous.map(line), pool: input.pool.map(line) };
          const { prompts, poolExhausted } = drawPrompts(draw);
          const stems = prompts.map(stemOf);
          expect(new Set(stems).size).toBe(stems.length);
          const carried = drawCarryover(new Twister(draw.seed), draw);
          expect(prompts.slice(0, carried.length)).toEqual(carried);
          if (poolExhausted) expect(draw.pool.every((prompt) => stems.includes(stemOf(prompt)))).toBe(true);
          else expect(prompts.length).toBe(Math.max(draw.promptsPerRound, carried.length));
        },
      ),
    );
  });

  it('drop a prompt that has the file name of another: their files would be one', () => {
    const pool = ['https://a.example/cat.png', 'https://b.example/cat.jpg', 'https://a.example/dog.png'];
    const { prompts, poolExhausted } = drawPrompts({
      seed: 1,
      round: 0,
      previous: [],
      pool,
      promptsPerRound: 3,
      carryoverPrompts: 0,
    });
    expect(prompts).toEqual(['https://a.example/cat.png', 'https://a.example/dog.png']);
    expect(poolExhausted).toBe(true);
  });
});

describe('critical prompts', () => {
  const rules = { seed: 5, winMargin: 0.05, maxMismatchedMargin: 0.05 };
  const report = (right: number, draws: number, left: number) => ({
    margin: (right - left) / (right + draws + left),
    duels: [
      ...Array.from({ length: right }, (_, n) => ({ name: stem(n), winner: 'right' as const })),
      ...Array.from({ length: draws }, (_, n) => ({ name: stem(1000 + n), winner: 'draw' as const })),
      ...Array.from({ length: left }, (_, n) => ({ name: stem(2000 + n), winner: 'left' as const })),
    ] as never,
  });

  it('are none when mismatches could not have turned the win', () => {
    expect(criticalPrompts(report(13, 115, 0), rules)).toEqual([]);
    expect(criticalPrompts(report(12, 116, 0), rules)).toHaveLength(7);
    expect(criticalPrompts(report(1, 9, 0), rules)).toEqual([]);
  });

  it('are all that were won when no more were won than the margin needs', () => {
    expect(criticalPrompts(report(7, 121, 0), rules)).toEqual(Array.from({ length: 7 }, (_, n) => stem(n)));
  });

  it('are at least one, and only ever of duels that the challenger won', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.nat(60), fc.nat(), (right, draws, left, seed) => {
        fc.pre(right + draws + left > 0);
        const match = report(right, draws, left);
        const chosen = criticalPrompts(match, { ...rules, seed });
        expect(chosen.every((name) => Number(name.slice(1)) < right)).toBe(true);
        expect(new Set(chosen).size).toBe(chosen.length);
        const count = Math.max(1, Math.ceil((right + draws + left) * 0.05));
        expect(chosen).toHaveLength(match.margin >= 0.1 ? 0 : Math.min(right, count));
      }),
    );
  });
});

describe('numbers', () => {
  it('have two decimals as Python writes them, ties to even included', () => {
    for (const [value, text] of vectors.fixed2) expect(fixed2(value)).toBe(text);
  });

  it('have the median that Python finds', () => {
    for (const [values, expected] of vectors.medians) expect(median(values)).toBe(expected);
    expect(median([])).toBeUndefined();
  });

  it('are trimmed only when there are more than twice as many as are cut', () => {
    const twelve = [0, 0, 0, 0, 0, 0, 100, 100, 100, 100, 100, 100];
    expect(trimmedMedian(twelve, 6)).toBe(50);
    expect(trimmedMedian([...twelve, 7], 6)).toBe(7);
  });

  it('move the trimmed median by no few outliers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 13, maxLength: 60 }),
        (values) => {
          const sorted = values.toSorted((a, b) => a - b);
          const worst = [...sorted.slice(0, -6), ...Array.from({ length: 6 }, () => 1e9)];
          expect(trimmedMedian(worst, 6)).toBe(trimmedMedian(values, 6));
        },
      ),
    );
  });
});
