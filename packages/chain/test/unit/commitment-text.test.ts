import { compactAddLength } from '@polkadot/util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCommitmentText, encodeCommitmentText, MAX_COMMITMENT_BYTES } from '../../src/read/commitment-text.js';

const utf8 = new TextEncoder();
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe("a commitment's text", () => {
  it('is encoded as SCALE strings are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(hexOf(encodeCommitmentText(text))).toBe(hexOf(compactAddLength(utf8.encode(text))));
      }),
    );
    const long = 'x'.repeat(20_000);
    expect(hexOf(encodeCommitmentText(long))).toBe(hexOf(compactAddLength(utf8.encode(long))));
  });

  it('comes back from what was encoded, at every width of the length prefix', () => {
    for (const length of [0, 1, 63, 64, 300, MAX_COMMITMENT_BYTES - 4]) {
      const text = 'é'.repeat(Math.floor(length / 2)) + 'x'.repeat(length % 2);
      expect(decodeCommitmentText(encodeCommitmentText(text))).toBe(text);
    }
    const fourByteLength = Uint8Array.of((3 << 2) | 2, 0, 0, 0, ...utf8.encode('abc'));
    expect(decodeCommitmentText(fourByteLength)).toBe('abc');
  });

  it('keeps a first byte that only looks like a prefix', () => {
    const tooLong = Uint8Array.of(4 << 2, ...utf8.encode('abc'));
    expect(decodeCommitmentText(tooLong)).toBe('\u0010abc');
    const tooShort = Uint8Array.of(2 << 2, ...utf8.encode('abc'));
    expect(decodeCommitmentText(tooShort)).toBe('\babc');
  });

  it('is taken as it stands when there is no prefix', () => {
    for (const text of ['{"repo": "a/b"}', "{'commit': 'c'}", '[1]', ' {"a":1}', '\n{}', '']) {
      expect(decodeCommitmentText(utf8.encode(text))).toBe(text);
    }
  });

  it('is never an exception and never long, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(decodeCommitmentText(bytes).length).toBeLessThanOrEqual(MAX_COMMITMENT_BYTES);
      }),
    );
    expect(decodeCommitmentText(new Uint8Array(1_000_000).fill(0x61))).toHaveLength(MAX_COMMITMENT_BYTES);
    expect(decodeCommitmentText(Uint8Array.of(0xff, 0xfe, 0x41))).toBe('��A');
  });
});
