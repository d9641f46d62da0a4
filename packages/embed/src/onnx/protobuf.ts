/** Wire types of the protobuf encoding. */
const VARINT = 0;
const LENGTH = 2;
const FIXED32 = 5;

const utf8 = new TextEncoder();

/**
 * Writes one protobuf message, field by field. Byte blocks are kept by reference until `toBytes`, so that nesting a
 * message with a hundred megabytes of weights copies them once.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufMessage {
  readonly #blocks: Uint8Array[] = [];
  #length = 0;

  /** A whole number: int32, int64 or enum. Negative ones take ten bytes, as the format wants. */
  int(field: number, value: number | bigint): this {
    this.#varint((field << 3) | VARINT);
    this.#varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  /** A single-precision number. */
  float(field: number, value: number): this {
    this.#varint((field << 3) | FIXED32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#append(bytes);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | LENGTH);
    this.#varint(value.length);
    this.#append(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  message(field: number, value: ProtobufMessage): this {
    this.#varint((field << 3) | LENGTH);
    this.#varint(value.#length);
    for (const block of value.#blocks) this.#append(block);
    return this;
  }

  toBytes(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const block of this.#blocks) {
      out.set(block, at);
      at += block.length;
    }
    return out;
  }

  #varint(value: number | bigint): void {
    const bytes: number[] = [];
    let rest = BigInt(value);
    while (rest >= 0x80n) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#append(Uint8Array.from(bytes));
  }

  #append(block: Uint8Array): void {
    this.#blocks.push(block);
    this.#length += block.length;
  }
}
