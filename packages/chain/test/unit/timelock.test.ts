import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { bls12_381 as bls } from '@noble/curves/bls12-381';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ChainError } from '../../src/chain-error.js';
import {
  decryptTimelock,
  encryptTimelock,
  roundAt,
  roundPoint,
  TIMELOCK_OVERHEAD_BYTES,
  verifyRound,
} from '../../src/timelock/timelock.js';

const hex = z.string().transform((text) => new Uint8Array(Buffer.from(text, 'hex')));
const quicknet = z
  .object({
    publicKey: hex,
    genesisSeconds: z.int(),
    periodSeconds: z.int(),
    round: z.int(),
    signature: hex,
    randomness: z.string(),
  })
  .parse(JSON.parse(readFileSync(new URL('../vectors/quicknet.json', import.meta.url), 'utf8')));
const { publicKey, round, signature } = quicknet;

/** Pairings cost about 15 ms each: a few dozen runs are enough to hit every part of a ciphertext. */
const RUNS = { numRuns: 25 };

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ChainError) return error.code;
    throw error;
  }
  return 'none';
}

describe('the timelock cipher', () => {
  it("accepts the real quicknet signature of round 1000 under quicknet's key, and for no other round", () => {
    expect(createHash('sha256').update(signature).digest('hex')).toBe(quicknet.randomness);
    expect(verifyRound(publicKey, round, signature)).toBe(true);
    expect(verifyRound(publicKey, round + 1, signature)).toBe(false);
  });

  it('opens, with that signature, what was locked to round 1000 of quicknet', () => {
    const message = new TextEncoder().encode('{"repo": "owner/name"}');
    expect(decryptTimelock(encryptTimelock(publicKey, round, message), signature)).toEqual(message);
  });

  it('reads ciphertexts out of larger buffers, as they come off the wire', () => {
    const message = Uint8Array.of(5, 6);
    const wire = Buffer.concat([Buffer.alloc(7, 9), encryptTimelock(publicKey, round, message), Buffer.alloc(3, 9)]);
    expect(decryptTimelock(wire.subarray(7, -3), Buffer.from(signature))).toEqual(message);
  });

  it('does not open what was locked to another round', () => {
    const locked = encryptTimelock(publicKey, round + 1, new Uint8Array(8));
    expect(codeOf(() => decryptTimelock(locked, signature))).toBe('wrong_signature');
  });

  it('adds 244 bytes and gives every message back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 900 }), (message) => {
        const locked = encryptTimelock(publicKey, round, message);
        expect(locked.length).toBe(message.length + TIMELOCK_OVERHEAD_BYTES);
        expect(decryptTimelock(locked, signature)).toEqual(message);
      }),
      RUNS,
    );
  });

  it('works with any beacon of the scheme', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: bls.fields.Fr.ORDER - 1n }), fc.integer({ min: 1 }), (secret, anyRound) => {
        const key = bls.G2.ProjectivePoint.BASE.multiply(secret).toBytes(true);
        const signed = roundPoint(anyRound).multiply(secret).toBytes(true);
        const message = Uint8Array.of(1, 2, 3);
        expect(decryptTimelock(encryptTimelock(key, anyRound, message), signed)).toEqual(message);
      }),
      { numRuns: 5 },
    );
  });

  it('notices any change of a single bit', () => {
    const locked = encryptTimelock(publicKey, round, new TextEncoder().encode('a submission'));
    const anyBit = fc.tuple(fc.nat({ max: locked.length - 1 }), fc.nat({ max: 7 }));
    fc.assert(
      fc.property(anyBit, ([index, bit]) => {
        const altered = Uint8Array.from(locked, (byte, at) => (at === index ? byte ^ (1 << bit) : byte));
        expect(codeOf(() => decryptTimelock(altered, signature))).toMatch(
          /^(bad_ciphertext|wrong_signature|tampered)$/,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('says which part was altered', () => {
    const locked = encryptTimelock(publicKey, round, new TextEncoder().encode('a submission'));
    const alteredAt = (index: number) => Uint8Array.from(locked, (byte, at) => (at === index ? byte ^ 1 : byte));
    const body = 96 + 2 * 40 + 8 + 8;
    expect(codeOf(() => decryptTimelock(alteredAt(110), signature))).toBe('wrong_signature');
    expect(codeOf(() => decryptTimelock(alteredAt(body), signature))).toBe('tampered');
    expect(codeOf(() => decryptTimelock(alteredAt(locked.length - 1), signature))).toBe('bad_ciphertext');
  });

  it('refuses bytes that are no ciphertext without believing their lengths', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ minLength: 300, maxLength: 300 }).map((bytes) => bytes.fill(0xff, 96, 140)),
    );
    fc.assert(
      fc.property(noise, (bytes) => {
        expect(codeOf(() => decryptTimelock(bytes, signature))).toBe('bad_ciphertext');
      }),
    );
    const locked = encryptTimelock(publicKey, round, new Uint8Array(4));
    for (const length of [0, 95, 96, 103, 200, locked.length - 1]) {
      expect(codeOf(() => decryptTimelock(locked.slice(0, length), signature))).toBe('bad_ciphertext');
    }
    expect(codeOf(() => decryptTimelock(Uint8Array.of(...locked, 0), signature))).toBe('bad_ciphertext');
  });

  it('refuses keys, signatures and rounds that are none', () => {
    const message = new Uint8Array(1);
    expect(codeOf(() => encryptTimelock(new Uint8Array(96), round, message))).toBe('bad_beacon_key');
    expect(codeOf(() => encryptTimelock(publicKey.slice(1), round, message))).toBe('bad_beacon_key');
    expect(codeOf(() => decryptTimelock(encryptTimelock(publicKey, round, message), new Uint8Array(48)))).toBe(
      'wrong_signature',
    );
    for (const none of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
      expect(codeOf(() => encryptTimelock(publicKey, none, message))).toBe('bad_round');
    }
  });
});

describe('beacon rounds', () => {
  it('start with 1 at genesis and change every period', () => {
    const { genesisSeconds } = quicknet;
    expect(roundAt(genesisSeconds * 1000 - 1, quicknet)).toBe(0);
    expect(roundAt(genesisSeconds * 1000, quicknet)).toBe(1);
    expect(roundAt(genesisSeconds * 1000 + 2999, quicknet)).toBe(1);
    expect(roundAt(genesisSeconds * 1000 + 3000, quicknet)).toBe(2);
    expect(roundAt((genesisSeconds + 999 * 3) * 1000, quicknet)).toBe(1000);
  });
});
