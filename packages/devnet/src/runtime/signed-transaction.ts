import { blake2AsU8a, signatureVerify } from '@polkadot/util-crypto';
import { isFault } from '@tiltyard/schema';
import { DevnetError } from '../errors.js';
import { ByteReader } from '../scale/byte-reader.js';
import { ByteWriter } from '../scale/byte-writer.js';
import { fromHex, type Hex, toHex } from '../scale/codec.js';
import { type DecodedCall, decodeCall } from './pallets.js';
import { SPEC_VERSION, TRANSACTION_VERSION } from './runtime-version.js';

/** For which blocks a transaction holds: undefined for all. */
export interface Era {
  /** Blocks; a power of two. */
  readonly period: number;
  /** The block it starts at, modulo the period. */
  readonly phase: number;
}

/** A transaction that could be decoded; nothing of it is checked yet. */
export interface SignedTransaction {
  /** As it was submitted. */
  readonly bytes: Hex;
  readonly hash: Hex;
  readonly signer: Hex;
  readonly nonce: number;
  readonly era: Era | undefined;
  readonly call: DecodedCall;
  /** What the signature covers: a kind byte and the signature itself. */
  readonly signature: Uint8Array;
  /** The call and what the transaction carries besides; the rest of what is signed depends on the chain. */
  readonly signedPart: Uint8Array;
  readonly isMetadataHashChecked: boolean;
}

/** Version 4, signed. */
const SIGNED_V4 = 0x84;
/** By kind: Ed25519, Sr25519, Ecdsa. */
const SIGNATURE_BYTES = [64, 64, 65];

/**
 * Decodes a submitted transaction: compact length ‖ version ‖ signer ‖ signature ‖ era ‖ compact nonce ‖ compact tip ‖
 * metadata-hash mode ‖ call. Throws DevnetError `invalid_transaction` with a node's code 1001 where it is none.
 */
export function decodeTransaction(bytes: Uint8Array): SignedTransaction {
  try {
    return read(bytes);
  } catch (error) {
    if (!isFault(error, DevnetError, 'bad_scale')) throw error;
    throw new DevnetError({
      code: 'invalid_transaction',
      rpcCode: 1001,
      message: 'Extrinsic has invalid format',
      reason: error.fault.detail,
    });
  }
}

function read(bytes: Uint8Array): SignedTransaction {
  const from = new ByteReader(bytes);
  if (from.compact() !== BigInt(from.remaining)) throw bad('length prefix does not match');
  if (from.byte() !== SIGNED_V4) throw bad('only signed transactions of version 4 are accepted');
  if (from.byte() !== 0) throw bad('only account ids may sign');
  const signer = toHex(from.bytes(32));
  const kind = from.byte();
  const length = SIGNATURE_BYTES[kind];
  if (length === undefined) throw bad(`no signature kind ${kind}`);
  const signature = new Uint8Array([kind, ...from.bytes(length)]);
  const carriedFrom = from.offset;
  const era = readEra(from);
  const nonce = Number(from.compact());
  from.compact(); // tip
  const isMetadataHashChecked = from.byte() !== 0;
  const carried = bytes.slice(carriedFrom, from.offset);
  const call = from.bytes(from.remaining);
  return {
    bytes: toHex(bytes),
    hash: toHex(blake2AsU8a(bytes, 256)),
    signer,
    nonce,
    era,
    call: decodeCall(call),
    signature,
    signedPart: new Uint8Array(Buffer.concat([call, carried])),
    isMetadataHashChecked,
  };
}

function readEra(from: ByteReader): Era | undefined {
  const low = from.byte();
  if (low === 0) return undefined;
  const encoded = low | (from.byte() << 8);
  const period = 2 << (encoded % 16);
  const phase = (encoded >> 4) * Math.max(period >> 12, 1);
  if (period < 4 || phase >= period) throw bad('not an era');
  return { period, phase };
}

/** The block at which an era began, seen from `current`. */
export function eraBirth({ period, phase }: Era, current: number): number {
  return Math.floor((Math.max(current, phase) - phase) / period) * period + phase;
}

/** Whether the signature covers this transaction on the chain of `genesis`, signed at the block of hash `birth`. */
export function isSignedAt(transaction: SignedTransaction, genesis: Hex, birth: Hex): boolean {
  if (transaction.isMetadataHashChecked) return false;
  const out = new ByteWriter();
  out.bytes(transaction.signedPart);
  out.uint(SPEC_VERSION, 4);
  out.uint(TRANSACTION_VERSION, 4);
  out.bytes(fromHex(genesis));
  out.bytes(fromHex(birth));
  out.uint(0, 1); // no metadata hash
  const payload = out.finish();
  const signed = payload.length > 256 ? blake2AsU8a(payload, 256) : payload;
  return signatureVerify(signed, transaction.signature, fromHex(transaction.signer)).isValid;
}

function bad(detail: string): DevnetError {
  return new DevnetError({ code: 'bad_scale', detail });
}
