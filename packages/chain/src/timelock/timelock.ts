import { gcm } from '@noble/ciphers/aes';
import { bls12_381 as bls } from '@noble/curves/bls12-381';
import { sha256 } from '@noble/hashes/sha2';
import { concatBytes, randomBytes } from '@noble/hashes/utils';
import { ChainError } from '../chain-error.js';

/** Bytes that the cipher adds to a message. */
export const TIMELOCK_OVERHEAD_BYTES = 244;

/** Signatures on G1, keys on G2: the scheme `bls-unchained-g1-rfc9380` of drand's quicknet. */
const DST = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
const SUITE = new TextEncoder().encode('AES_GCM_');
const POINT_BYTES = 96;
const BLOCK_BYTES = 32;
const NONCE_BYTES = 12;
const FP_BYTES = 48;

type G1 = ReturnType<typeof bls.G1.ProjectivePoint.fromHex>;
type G2 = ReturnType<typeof bls.G2.ProjectivePoint.fromHex>;
type Gt = ReturnType<typeof bls.pairing>;

/** The randomness of one encryption. Never reuse it: two messages under one key and nonce open each other. */
export interface TimelockEntropy {
  /** The AES key, 32 bytes. */
  readonly key: Uint8Array;
  /** The identity-based mask, 32 bytes. */
  readonly sigma: Uint8Array;
  /** The AES-GCM nonce, 12 bytes. */
  readonly nonce: Uint8Array;
}

/** When a beacon's rounds are published. */
export interface BeaconSchedule {
  readonly genesisSeconds: number;
  readonly periodSeconds: number;
}

/**
 * The beacon round that is current at a time: floor((t - genesis) / period) + 1.
 *
 * Round 1 is published at genesis; before it there is none, and the answer is 0 or negative.
 */
export function roundAt(timestampMs: number, { genesisSeconds, periodSeconds }: BeaconSchedule): number {
  return Math.floor((timestampMs / 1000 - genesisSeconds) / periodSeconds) + 1;
}

/**
 * Encrypts a message so that the beacon's signature of a round opens it (244 bytes longer than the message).
 *
 * Boneh-Franklin identity-based encryption on BLS12-381 around AES-256-GCM, byte for byte the layout of the `tle`
 * crate that Bittensor's runtime pins:
 * U ‖ u64le(32) V ‖ u64le(32) W ‖ u64le body, body = u64le ciphertext ‖ u64le(12) nonce ‖ u64le(8) "AES_GCM_".
 *
 * @param publicKey - The beacon's key: 96 bytes, compressed G2. Throws `bad_beacon_key`.
 * @param round - From 1 to 2^53 - 1. Throws `bad_round`.
 */
export function encryptTimelock(
  publicKey: Uint8Array,
  round: number,
  message: Uint8Array,
  entropy: TimelockEntropy = freshEntropy(),
): Uint8Array {
  const { key, sigma, nonce } = entropy;
  const beacon = beaconKey(publicKey);
  const identity = roundPoint(round);
  const r = scalarOf(sigma, key);
  const u = bls.G2.ProjectivePoint.BASE.multiply(r);
  const v = xor(sigma, maskOf(bls.pairing(identity, beacon.multiply(r))));
  const w = xor(key, sha256(sigma));
  const body = concatBytes(sized(gcm(key, nonce).encrypt(message)), sized(nonce));
  return concatBytes(u.toBytes(true), sized(v), sized(w), sized(body), sized(SUITE));
}

/**
 * Opens a timelock ciphertext with the beacon's signature of its round (48 bytes, compressed G1).
 *
 * Throws `bad_ciphertext` for anything that is not one, `wrong_signature` when the signature is of another round or
 * beacon (or the header was altered), `tampered` when the body was altered.
 */
export function decryptTimelock(ciphertext: Uint8Array, signature: Uint8Array): Uint8Array {
  const { u, v, w, sealed, nonce } = parse(ciphertext);
  const sigma = xor(v, maskOf(bls.pairing(signaturePoint(signature), u)));
  const key = xor(w, sha256(sigma));
  if (!bls.G2.ProjectivePoint.BASE.multiply(scalarOf(sigma, key)).equals(u)) {
    throw new ChainError({ code: 'wrong_signature' });
  }
  try {
    return gcm(key, nonce).decrypt(sealed);
  } catch {
    throw new ChainError({ code: 'tampered' });
  }
}

/** True when a signature is the beacon's for a round: e(signature, G2) = e(H(round), key). */
export function verifyRound(publicKey: Uint8Array, round: number, signature: Uint8Array): boolean {
  const left = bls.pairing(signaturePoint(signature), bls.G2.ProjectivePoint.BASE);
  return bls.fields.Fp12.eql(left, bls.pairing(roundPoint(round), beaconKey(publicKey)));
}

/** The point of G1 that a beacon signs for a round: hash-to-curve of sha256(u64be round). Throws `bad_round`. */
export function roundPoint(round: number): G1 {
  if (!Number.isSafeInteger(round) || round < 1) throw new ChainError({ code: 'bad_round', round });
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(round), false);
  return bls.G1.ProjectivePoint.fromAffine(bls.G1.hashToCurve(sha256(bytes), { DST }).toAffine());
}

function freshEntropy(): TimelockEntropy {
  return { key: randomBytes(BLOCK_BYTES), sigma: randomBytes(BLOCK_BYTES), nonce: randomBytes(NONCE_BYTES) };
}

interface Parts {
  readonly u: G2;
  readonly v: Uint8Array;
  readonly w: Uint8Array;
  readonly sealed: Uint8Array;
  readonly nonce: Uint8Array;
}

function parse(ciphertext: Uint8Array): Parts {
  const reader = new Reader(ciphertext);
  const point = reader.take(POINT_BYTES, 'U');
  const v = reader.sized('V', BLOCK_BYTES);
  const w = reader.sized('W', BLOCK_BYTES);
  const body = new Reader(reader.sized('body'));
  const suite = reader.sized('suite', SUITE.length);
  reader.end('ciphertext');
  if (!suite.every((byte, index) => byte === SUITE[index])) throw malformed('suite is not AES_GCM_');
  const sealed = body.sized('sealed message');
  const nonce = body.sized('nonce', NONCE_BYTES);
  body.end('body');
  try {
    return { u: bls.G2.ProjectivePoint.fromHex(point), v, w, sealed, nonce };
  } catch {
    throw malformed('U is not a point of G2');
  }
}

/** Takes length-prefixed pieces off untrusted bytes; no length is believed before it is compared with what is left. */
class Reader {
  #offset = 0;

  constructor(readonly bytes: Uint8Array) {}

  take(length: number, what: string): Uint8Array {
    if (length > this.bytes.length - this.#offset) throw malformed(`ends within ${what}`);
    this.#offset += length;
    return this.bytes.slice(this.#offset - length, this.#offset);
  }

  sized(what: string, expected?: number): Uint8Array {
    const prefix = this.take(8, `the length of ${what}`);
    // A Buffer's slice is a view into a larger buffer.
    const length = new DataView(prefix.buffer, prefix.byteOffset, prefix.length).getBigUint64(0, true);
    if (expected !== undefined && length !== BigInt(expected)) throw malformed(`${what} is not ${expected} bytes`);
    if (length > BigInt(this.bytes.length)) throw malformed(`ends within ${what}`);
    return this.take(Number(length), what);
  }

  end(what: string): void {
    if (this.#offset !== this.bytes.length) throw malformed(`bytes after the ${what}`);
  }
}

function malformed(detail: string): ChainError {
  return new ChainError({ code: 'bad_ciphertext', detail });
}

function beaconKey(publicKey: Uint8Array): G2 {
  try {
    return bls.G2.ProjectivePoint.fromHex(publicKey);
  } catch {
    throw new ChainError({ code: 'bad_beacon_key' });
  }
}

function signaturePoint(signature: Uint8Array): G1 {
  try {
    return bls.G1.ProjectivePoint.fromHex(signature);
  } catch {
    throw new ChainError({ code: 'wrong_signature' });
  }
}

/** sha256 of a pairing's value in the layout of arkworks: every Fp little-endian, c0 before c1, 576 bytes. */
function maskOf(value: Gt): Uint8Array {
  const elements = [value.c0, value.c1].flatMap((six) => [six.c0, six.c1, six.c2]).flatMap((two) => [two.c0, two.c1]);
  return sha256(concatBytes(...elements.map(littleEndian)));
}

function littleEndian(element: bigint): Uint8Array {
  const bytes = new Uint8Array(FP_BYTES);
  let rest = element;
  for (let index = 0; index < FP_BYTES; index += 1) {
    bytes[index] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

/** r = sha256(sigma ‖ key), big-endian, mod the group's order. */
function scalarOf(sigma: Uint8Array, key: Uint8Array): bigint {
  const digest = sha256(concatBytes(sigma, key));
  return digest.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) % bls.fields.Fr.ORDER;
}

function xor(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((byte, index) => byte ^ (right[index] ?? 0));
}

function sized(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return concatBytes(length, bytes);
}
