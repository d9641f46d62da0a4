import { blake2AsU8a } from '@polkadot/util-crypto';
import { DevnetError } from '../errors.js';
import { ByteWriter } from '../scale/byte-writer.js';
import { fromHex, type Hex, toHex } from '../scale/codec.js';

/** A block's header as JSON-RPC gives it. */
export interface Header {
  readonly parentHash: Hex;
  readonly number: Hex;
  readonly stateRoot: Hex;
  readonly extrinsicsRoot: Hex;
  readonly digest: { readonly logs: readonly never[] };
}

const HASH_BYTES = 32;
/** As many as a number holds exactly. */
const SHORT_KEY_BYTES = 6;
const ZERO_HASH: Hex = `0x${'00'.repeat(HASH_BYTES)}`;
/** Headers before the first block that clients may ask for: a parent, an era's first block. */
const HEADERS_BEFORE_START = 512;

/**
 * The chain's headers and hashes: every one follows from the genesis seed and the height.
 *
 * A header's hash is the Blake2-256 of its bytes and each names its parent, as everywhere; the roots stand for nothing, so
 * that state does not enter. A chain that starts at a height of millions has no headers far below it: there a hash is
 * blake2(genesis hash ‖ u64le height), good for a draw that names an old block.
 */
export class HeaderChain {
  readonly genesisHash: Hex;
  /** The first height with a header, besides 0. */
  readonly firstHeader: number;
  readonly #roots: Uint8Array;
  #hashes: Buffer;
  #count = 0;
  /** By the first bytes of a hash. */
  readonly #heights = new Map<number, number>();

  constructor(seed: string, startBlock: number) {
    this.#roots = blake2AsU8a(`tiltyard devnet genesis: ${seed}`, 256);
    this.#hashes = Buffer.alloc(HASH_BYTES * 4096);
    this.genesisHash = toHex(hashOfHeader(fromHex(ZERO_HASH), 0, this.#roots));
    this.firstHeader = Math.max(1, startBlock - HEADERS_BEFORE_START);
    this.extend(startBlock);
  }

  /** Makes headers up to `height`: some microseconds each, which is what a jump costs. */
  extend(height: number): void {
    let parent = fromHex(this.hashOf(this.firstHeader + this.#count - 1));
    for (let next = this.firstHeader + this.#count; next <= height; next++) {
      const hash = hashOfHeader(parent, next, this.#roots);
      if ((this.#count + 1) * HASH_BYTES > this.#hashes.length) {
        this.#hashes = Buffer.concat([this.#hashes], this.#hashes.length * 2);
      }
      this.#hashes.set(hash, this.#count * HASH_BYTES);
      this.#heights.set(this.#hashes.readUIntBE(this.#count * HASH_BYTES, SHORT_KEY_BYTES), next);
      this.#count++;
      parent = hash;
    }
  }

  /** The hash of any height up to the newest. Throws DevnetError `unknown_block` above it. */
  hashOf(height: number): Hex {
    if (height === 0) return this.genesisHash;
    const row = height - this.firstHeader;
    if (!Number.isSafeInteger(height) || height < 0 || row >= this.#count) {
      throw new DevnetError({ code: 'unknown_block', block: String(height) });
    }
    if (row >= 0) return toHex(this.#hashes.subarray(row * HASH_BYTES, (row + 1) * HASH_BYTES));
    const out = new ByteWriter();
    out.bytes(fromHex(this.genesisHash));
    out.uint(height, 8);
    return toHex(blake2AsU8a(out.finish(), 256));
  }

  /** The height of a hash that has a header, else undefined. */
  heightOf(hash: string): number | undefined {
    if (hash === this.genesisHash) return 0;
    const height = this.#heights.get(shortKey(hash));
    return height !== undefined && this.hashOf(height) === hash ? height : undefined;
  }

  header(height: number): Header {
    return {
      parentHash: height === 0 ? ZERO_HASH : this.hashOf(height - 1),
      number: `0x${height.toString(16)}`,
      stateRoot: toHex(this.#roots),
      extrinsicsRoot: toHex(this.#roots),
      digest: { logs: [] },
    };
  }
}

/** Blake2-256 of a header's bytes: parent ‖ compact height ‖ state root ‖ extrinsics root ‖ no digest logs. */
function hashOfHeader(parent: Uint8Array, height: number, roots: Uint8Array): Uint8Array {
  const number = new ByteWriter();
  number.compact(height);
  const compact = number.finish();
  const bytes = new Uint8Array(HASH_BYTES * 3 + compact.length + 1);
  bytes.set(parent);
  bytes.set(compact, HASH_BYTES);
  bytes.set(roots, HASH_BYTES + compact.length);
  bytes.set(roots, HASH_BYTES * 2 + compact.length);
  return blake2AsU8a(bytes, 256);
}

function shortKey(hash: string): number {
  return Number.parseInt(hash.slice(2, 2 + SHORT_KEY_BYTES * 2), 16);
}
