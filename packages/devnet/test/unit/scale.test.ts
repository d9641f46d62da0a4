import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CommitmentData, commitmentInfo } from '../../src/pallets/commitment-data.js';
import { ByteReader } from '../../src/scale/byte-reader.js';
import { ByteWriter } from '../../src/scale/byte-writer.js';
import { bytes, decode, encode, option, toHex, tuple, u16, u64, vec } from '../../src/scale/codec.js';

const someBytes = (max: number) => fc.uint8Array({ maxLength: max });
const field: fc.Arbitrary<CommitmentData> = fc.oneof(
  fc.constantFrom<CommitmentData>({ kind: 'none' }, { kind: 'reset_bonds' }),
  someBytes(128).map((data) => ({ kind: 'raw' as const, data })),
  someBytes(512).map((data) => ({ kind: 'big_raw' as const, data })),
  fc.record({
    kind: fc.constant('hash' as const),
    discriminant: fc.constantFrom(130 as const, 131 as const, 132 as const, 133 as const),
    data: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  }),
  fc.record({
    kind: fc.constant('timelocked' as const),
    encrypted: someBytes(1024),
    revealRound: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  }),
);

describe('SCALE', () => {
  it.each([
    [0n, '0x00'],
    [63n, '0xfc'],
    [64n, '0x0101'],
    [16_383n, '0xfdff'],
    [16_384n, '0x02000100'],
    [2n ** 30n - 1n, '0xfeffffff'],
    [2n ** 30n, '0x0300000040'],
    [2n ** 64n - 1n, '0x13ffffffffffffffff'],
  ])('writes the compact integer %s as the reference does', (value, hex) => {
    const out = new ByteWriter();
    out.compact(value);
    expect(toHex(out.finish())).toBe(hex);
    expect(new ByteReader(out.finish()).compact()).toBe(value);
  });

  it('reads back any commitment', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 5 }), (fields) => {
        expect(decode(commitmentInfo, encode(commitmentInfo, { fields }))).toEqual({ fields });
      }),
    );
  });

  it('reads back tuples, vectors and options', () => {
    const codec = tuple<readonly [number, readonly bigint[], Uint8Array | undefined]>(u16, vec(u64), option(bytes));
    const value = fc.tuple(
      fc.integer({ min: 0, max: 65_535 }),
      fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
      fc.option(someBytes(100), { nil: undefined }),
    );
    fc.assert(
      fc.property(value, (given) => {
        expect(decode(codec, encode(codec, given))).toEqual(given);
      }),
    );
  });

  it('refuses any bytes with a coded error and nothing else, however they lie about lengths', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (given) => {
        try {
          decode(commitmentInfo, given);
        } catch (error) {
          expect(error).toMatchObject({ fault: { code: 'bad_scale' } });
        }
      }),
      { numRuns: 500 },
    );
    expect(() => decode(bytes, new Uint8Array([0x03, 0xff, 0xff, 0xff, 0x7f]))).toThrow('elements in 0 bytes');
  });

  it('refuses bounded vectors that are too long', () => {
    const long: CommitmentData = { kind: 'timelocked', encrypted: new Uint8Array(1025), revealRound: 1n };
    expect(() => decode(commitmentInfo, encode(commitmentInfo, { fields: [long] }))).toThrow('at most 1024');
  });
});
