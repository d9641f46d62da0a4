/** Collects little-endian SCALE bytes. */
export class ByteWriter {
  readonly #chunks: Uint8Array[] = [];

  bytes(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  /** Writes the `width` low bytes of `value`, least significant first. */
  uint(value: number | bigint, width: number): void {
    const chunk = new Uint8Array(width);
    let rest = BigInt(value);
    for (let i = 0; i < width; i++) {
      chunk[i] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    this.#chunks.push(chunk);
  }

  /** SCALE's compact integer: 1, 2 or 4 bytes by the low two bits, else a length byte and the value. */
  compact(value: number | bigint): void {
    if (typeof value === 'number' && value >= 2 ** 14 && value < 2 ** 30) {
      const chunk = Buffer.allocUnsafe(4);
      chunk.writeUInt32LE(value * 4 + 2);
      this.#chunks.push(chunk);
      return;
    }
    const n = BigInt(value);
    if (n < 1n << 6n) this.uint(n << 2n, 1);
    else if (n < 1n << 14n) this.uint((n << 2n) | 1n, 2);
    else if (n < 1n << 30n) this.uint((n << 2n) | 2n, 4);
    else {
      const width = Math.max(4, Math.ceil(n.toString(16).length / 2));
      this.uint(((width - 4) << 2) | 3, 1);
      this.uint(n, width);
    }
  }

  finish(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#chunks));
  }
}
