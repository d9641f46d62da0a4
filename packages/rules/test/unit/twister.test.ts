import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Twister } from '../../src/random/twister.js';

const Vectors = z.object({
  vectors: z.array(
    z.object({
      seed: z.string(),
      getrandbits: z.array(z.tuple([z.number(), z.number()])),
      words: z.array(z.tuple([z.number(), z.number()])),
      randbelow: z.array(z.tuple([z.number(), z.number()])),
      sample: z.array(z.tuple([z.number(), z.number(), z.array(z.number())])),
      consecutive: z.array(z.tuple([z.number(), z.number(), z.array(z.number())])),
      mixed: z.tuple([z.array(z.number()), z.number(), z.number(), z.array(z.number()), z.number()]),
    }),
  ),
});

const { vectors } = Vectors.parse(
  JSON.parse(readFileSync(new URL('../vectors/twister.json', import.meta.url), 'utf8')),
);
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('the twister draws what CPython 3.11 draws', () => {
  it.each(vectors.map((vector) => [vector.seed.slice(0, 24), vector] as const))('from seed %s', (_, vector) => {
    const seed = BigInt(vector.seed);

    const bits = new Twister(seed);
    for (const [k, drawn] of vector.getrandbits) expect(bits.getrandbits(k)).toBe(drawn);

    for (const [nth, drawn] of vector.words) {
      const twister = new Twister(seed);
      for (let i = 1; i < nth; i += 1) twister.getrandbits(32);
      expect(twister.getrandbits(32)).toBe(drawn);
    }

    const below = new Twister(seed);
    for (const [bound, drawn] of vector.randbelow) expect(below.randbelow(bound)).toBe(drawn);

    for (const [n, k, drawn] of vector.sample) expect(new Twister(seed).sample(range(n), k)).toEqual(drawn);

    const consecutive = new Twister(seed);
    for (const [n, k, drawn] of vector.consecutive) expect(consecutive.sample(range(n), k)).toEqual(drawn);

    const mixed = new Twister(seed);
    expect([
      mixed.sample(range(128), 32),
      mixed.randbelow(997),
      mixed.getrandbits(53),
      mixed.sample(range(5000), 96),
      mixed.randbelow(5000),
    ]).toEqual(vector.mixed);
  });
});

describe('a sample', () => {
  it('is drawn without replacement, for any seed, population and count', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(600), fc.nat(600), (seed, a, b) => {
        const [count, size] = a < b ? [a, b] : [b, a];
        const drawn = new Twister(seed).sample(range(size), count);
        expect(drawn).toHaveLength(count);
        expect(new Set(drawn).size).toBe(count);
        expect(drawn.every((at) => at >= 0 && at < size)).toBe(true);
      }),
    );
  });

  it('leaves its population as it was', () => {
    const population = Object.freeze(range(30));
    new Twister(7).sample(population, 30);
    expect(population).toEqual(range(30));
  });

  it('larger than its population is refused, and so are a fraction of a seed, no bits and a negative bound', () => {
    const fault = (code: string) => expect.objectContaining({ fault: expect.objectContaining({ code }) });
    expect(() => new Twister(1).sample([1], 2)).toThrow(fault('sample_larger_than_population'));
    expect(() => new Twister(1).sample([1], -1)).toThrow(fault('sample_larger_than_population'));
    expect(() => new Twister(0.5)).toThrow(fault('seed_not_integer'));
    expect(() => new Twister(2 ** 53)).toThrow(fault('seed_not_integer'));
    expect(() => new Twister(1).getrandbits(0)).toThrow(fault('bits_out_of_range'));
    expect(() => new Twister(1).getrandbits(54)).toThrow(fault('bits_out_of_range'));
    expect(() => new Twister(1).randbelow(-1)).toThrow(fault('bound_out_of_range'));
  });
});
