/** Reads SSH's wire format: unsigned 32-bit lengths before strings (RFC 4251, section 5). */
export class SshReader {
  #at = 0;

  constructor(readonly bytes: Buffer) {}

  /** @throws RangeError when the bytes end before the value does, here and below. */
  uint32(): number {
    const value = this.bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  string(): Buffer {
    const length = this.uint32();
    if (length > this.bytes.length - this.#at) throw new RangeError('a string is cut short');
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.string().toString('latin1');
  }

  fixed(expected: string): void {
    const found = this.bytes.toString('latin1', this.#at, this.#at + expected.length);
    if (found !== expected) throw new RangeError(`does not begin with ${expected}`);
    this.#at += expected.length;
  }

  get isAtEnd(): boolean {
    return this.#at === this.bytes.length;
  }
}

/** A string in SSH's wire format. */
export function sshString(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as string, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
