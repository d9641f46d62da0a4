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
  readonly #roots: Hex;
  #hashes: Buffer;
  #count = 0;
  /** By the first six bytes of a hash. */
  readonly #heights = new Map<number, number>();

  constructor(seed: string, startBlock: number) {
    this.#roots = toHex(blake2AsU8a(`tiltyard devnet genesis: ${seed}`, 256));
    this.#hashes = Buffer.alloc(HASH_BYTES * 4096);
    this.genesisHash = toHex(hashOfHeader(ZERO_HASH, 0, this.#roots));
    this.firstHeader = Math.max(1, startBlock - HEADERS_BEFORE_START);
    this.extend(startBlock);
  }

  /** Makes headers up to `height`: about 10 microseconds each. */
  extend(height: number): void {
    for (let next = this.firstHeader + this.#count; next <= height; next++) {
      const hash = hashOfHeader(this.hashOf(next - 1), next, this.#roots);
      if ((this.#count + 1) * HASH_BYTES > this.#hashes.length) {
        this.#hashes = Buffer.concat([this.#hashes], this.#hashes.length * 2);
      }
      this.#hashes.set(hash, this.#count * HASH_BYTES);
      this.#heights.set(shortKey(toHex(hash)), next);
      this.#count++;
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
      stateRoot: this.#roots,
      extrinsicsRoot: this.#roots,
      digest: { logs: [] },
    };
  }
}

function hashOfHeader(parent: Hex, height: number, roots: Hex): Uint8Array {
  const out = new ByteWriter();
  out.bytes(fromHex(parent));
  out.compact(height);
  out.bytes(fromHex(roots));
  out.bytes(fromHex(roots));
  out.compact(0); // digest logs
  return blake2AsU8a(out.finish(), 256);
}

function shortKey(hash: string): number {
  return Number.parseInt(hash.slice(2, 14), 16);
}
