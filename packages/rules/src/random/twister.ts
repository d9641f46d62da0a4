import { RulesError } from '../rules-error.js';

const N = 624;
const M = 397;
const MATRIX_A = 0x9908b0df;
const UPPER_MASK = 0x80000000;
const LOWER_MASK = 0x7fffffff;

/** The most bits a draw may have: a JavaScript number holds 53 exactly. */
const MOST_BITS = 53;

/**
 * CPython's `random.Random(seed)`: the 32-bit Mersenne Twister (MT19937) seeded by `init_by_array`, with the draws that
 * the competition uses. It reproduces CPython 3.11 bit for bit, so that anyone with a Python prompt can repeat a draw.
 *
 * The one stateful thing in this package: each draw advances it, so the order of draws is part of every rule that uses it.
 *
 * @see docs/rules.md#random-draws
 * @see https://github.com/python/cpython/blob/3.11/Modules/_randommodule.c
 * @see https://doi.org/10.1145/272991.272995
 */
export class Twister {
  readonly #state = new Uint32Array(N);
  #index = N;

  /**
   * @param seed - An integer of any size; its sign is ignored, as in CPython.
   * @throws {RulesError} `seed_not_integer` when a number is not a safe integer.
   */
  constructor(seed: number | bigint) {
    if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
      throw new RulesError({ code: 'seed_not_integer', seed });
    }
    this.#initByArray(wordsOf(BigInt(seed)));
  }

  /**
   * Draws `bits` random bits, as `Random.getrandbits`.
   *
   * @param bits - From 1 to 53. Above 32, words are taken from the least significant on, as CPython does.
   * @throws {RulesError} `bits_out_of_range`.
   */
  getrandbits(bits: number): number {
    if (!Number.isInteger(bits) || bits < 1 || bits > MOST_BITS) {
      throw new RulesError({ code: 'bits_out_of_range', bits, most: MOST_BITS });
    }
    if (bits <= 32) return this.#next32() >>> (32 - bits);
    const low = this.#next32();
    const high = this.#next32() >>> (64 - bits);
    return high * 2 ** 32 + low;
  }

  /**
   * Draws an integer from 0 up to, not including, `bound`, as `Random._randbelow`; 0 when `bound` is 0.
   *
   * @throws {RulesError} `bound_out_of_range` when `bound` is not a safe integer of at least 0.
   */
  randbelow(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound < 0) throw new RulesError({ code: 'bound_out_of_range', bound });
    if (bound === 0) return 0;
    const bits = bound.toString(2).length;
    let drawn = this.getrandbits(bits);
    while (drawn >= bound) drawn = this.getrandbits(bits);
    return drawn;
  }

  /**
   * Draws `count` elements of `population` without replacement, in the order drawn, as `Random.sample` of CPython 3.11.
   *
   * @throws {RulesError} `sample_larger_than_population`.
   */
  sample<T>(population: readonly T[], count: number): T[] {
    const size = population.length;
    if (!Number.isInteger(count) || count < 0 || count > size) {
      throw new RulesError({ code: 'sample_larger_than_population', population: size, wanted: count });
    }
    return size <= poolLimit(count) ? this.#sampleByPool(population, count) : this.#sampleBySet(population, count);
  }

  #sampleByPool<T>(population: readonly T[], count: number): T[] {
    const pool = [...population];
    const drawn: T[] = [];
    for (let left = pool.length; drawn.length < count; left -= 1) {
      const at = this.randbelow(left);
      drawn.push(pool[at] as T);
      pool[at] = pool[left - 1] as T;
    }
    return drawn;
  }

  #sampleBySet<T>(population: readonly T[], count: number): T[] {
    const chosen = new Set<number>();
    while (chosen.size < count) {
      let at = this.randbelow(population.length);
      while (chosen.has(at)) at = this.randbelow(population.length);
      chosen.add(at);
    }
    return Array.from(chosen, (at) => population[at] as T);
  }

  #initGenrand(seed: number): void {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < N; i += 1) {
      const before = state[i - 1] as number;
      state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
    this.#index = N;
  }

  #initByArray(key: readonly number[]): void {
    this.#initGenrand(19650218);
    const state = this.#state;
    const mixed = (i: number, factor: number) => {
      const before = state[i - 1] as number;
      return (state[i] as number) ^ Math.imul(before ^ (before >>> 30), factor);
    };
    let i = 1;
    for (let step = 0, j = 0; step < Math.max(N, key.length); step += 1) {
      state[i] = mixed(i, 1664525) + (key[j] as number) + j;
      i += 1;
      if (i >= N) {
        state[0] = state[N - 1] as number;
        i = 1;
      }
      j = (j + 1) % key.length;
    }
    for (let step = 0; step < N - 1; step += 1) {
      state[i] = mixed(i, 1566083941) - i;
      i += 1;
      if (i >= N) {
        state[0] = state[N - 1] as number;
        i = 1;
      }
    }
    state[0] = 0x80000000;
  }

  #next32(): number {
    if (this.#index >= N) this.#twist();
    let word = this.#state[this.#index] as number;
    this.#index += 1;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < N; i += 1) {
      const joined = ((state[i] as number) & UPPER_MASK) | ((state[(i + 1) % N] as number) & LOWER_MASK);
      state[i] = (state[(i + M) % N] as number) ^ (joined >>> 1) ^ (joined & 1 ? MATRIX_A : 0);
    }
    this.#index = 0;
  }
}

/** The 32-bit words of a seed's absolute value, least significant first; one zero word for zero. */
function wordsOf(seed: bigint): number[] {
  const words: number[] = [];
  for (let rest = seed < 0n ? -seed : seed; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words.length === 0 ? [0] : words;
}

/**
 * The largest population from which CPython draws by swapping in a copied list; above it, it draws indices into a set.
 * CPython writes 21 + 4 ** ceil(log(3k, 4)); 3k is never a power of 4, so whole powers give the same without logarithms.
 */
function poolLimit(count: number): number {
  if (count <= 5) return 21;
  let power = 1;
  while (power < count * 3) power *= 4;
  return 21 + power;
}
