import { DevnetError } from '../errors.js';

/** Reads little-endian SCALE bytes. Every method throws DevnetError `bad_scale` where the bytes end too early. */
export class ByteReader {
  #offset = 0;

  constructor(readonly source: Uint8Array) {}

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.source.length - this.#offset;
  }

  bytes(length: number): Uint8Array {
    if (length > this.remaining) {
      throw new DevnetError({ code: 'bad_scale', detail: `${length} bytes wanted, ${this.remaining} left` });
    }
    const chunk = this.source.slice(this.#offset, this.#offset + length);
    this.#offset += length;
    return chunk;
  }

  byte(): number {
    return this.bytes(1)[0] ?? 0;
  }

  uint(width: number): bigint {
    return this.bytes(width).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  }

  compact(): bigint {
    const first = this.byte();
    const mode = first & 3;
    if (mode === 0) return BigInt(first >> 2);
    if (mode === 3) return this.uint((first >> 2) + 4);
    const rest = this.uint(mode === 1 ? 1 : 3);
    return ((rest << 8n) | BigInt(first)) >> 2n;
  }

  /** A compact count of elements; bounded by the bytes that are left, so that a lying count cannot allocate. */
  count(): number {
    const count = this.compact();
    if (count > BigInt(this.remaining)) {
      throw new DevnetError({ code: 'bad_scale', detail: `${count} elements in ${this.remaining} bytes` });
    }
    return Number(count);
  }
}
