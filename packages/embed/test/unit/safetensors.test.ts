import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/dinov3/safetensors.js';
import { EmbedError } from '../../src/embed-error.js';

function file(header: unknown, dataBytes: number, claimedLength?: bigint): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimedLength ?? BigInt(text.length));
  const data = Buffer.alloc(dataBytes);
  for (let at = 0; at + 4 <= dataBytes; at += 4) data.writeFloatLE(at / 4, at);
  return Buffer.concat([length, text, data]);
}
const tensor = (from: number, to: number, shape: number[], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [from, to],
});
const refused = expect.objectContaining({ fault: expect.objectContaining({ code: 'bad_model' }) });

describe('reading safetensors', () => {
  it('reads tensors in any order, at any alignment', () => {
    for (const pad of ['', ' ', '  ', '   ']) {
      const header = JSON.stringify({ b: tensor(8, 16, [1, 2]), a: tensor(0, 8, [2]), s: tensor(16, 20, []) }) + pad;
      const tensors = readSafetensors(file(header, 20), 'f');
      expect([...(tensors.get('a')?.data ?? [])]).toEqual([0, 1]);
      expect([...(tensors.get('b')?.data ?? [])]).toEqual([2, 3]);
      expect(tensors.get('s')).toEqual({ shape: [], data: Float32Array.of(4) });
    }
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['a header longer than the file', file({}, 0, 1000n)],
    ['a header of 2^63 bytes', file({}, 0, 2n ** 63n)],
    ['a header that is not JSON', file('{"a":', 0)],
    ['a header that is not UTF-8', file(Buffer.from([0x7b, 0xff]).toString('latin1'), 0)],
    ['a tensor beyond the end', file({ a: tensor(0, 16, [4]) }, 8)],
    ['a tensor that ends before it begins', file({ a: tensor(8, 0, [2]) }, 8)],
    ['a negative offset', file({ a: tensor(-4, 4, [2]) }, 8)],
    ['a fractional offset', file({ a: tensor(0.5, 8.5, [2]) }, 12)],
    ['two tensors on one place', file({ a: tensor(0, 8, [2]), b: tensor(4, 12, [2]) }, 12)],
    ['a gap', file({ a: tensor(0, 4, [1]), b: tensor(8, 12, [1]) }, 12)],
    ['bytes left over', file({ a: tensor(0, 4, [1]) }, 8)],
    ['a shape that does not fit', file({ a: tensor(0, 8, [3]) }, 8)],
    ['a shape that overflows', file({ a: tensor(0, 8, [2 ** 40, 2 ** 40, 2 ** 40]) }, 8)],
    ['half-precision numbers', file({ a: tensor(0, 8, [4], 'F16') }, 8)],
    [
      'a name given twice',
      file(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        8,
      ),
    ],
  ])('refuses %s', (_name, bytes) => {
    expect(() => readSafetensors(bytes, 'f')).toThrow(refused);
  });

  it('survives any bytes with a coded error or a result', () => {
    const whole = file({ a: tensor(0, 8, [2]), b: tensor(8, 16, [2]) }, 16);
    const edits = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(edits, fc.nat(whole.length), (changes, length) => {
        const bytes = whole.slice(0, length);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        try {
          readSafetensors(bytes, 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(EmbedError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
