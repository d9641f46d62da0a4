import { describe, expect, it } from 'vitest';
import { ProtobufMessage } from '../../src/onnx/protobuf.js';

const hex = (message: ProtobufMessage) => Buffer.from(message.toBytes()).toString('hex');

/** The examples of https://protobuf.dev/programming-guides/encoding/ and the edges of a varint. */
describe('writing protobuf', () => {
  it('writes whole numbers as varints, negative ones in ten bytes', () => {
    expect(hex(new ProtobufMessage().int(1, 150))).toBe('089601');
    expect(hex(new ProtobufMessage().int(1, 0))).toBe('0800');
    expect(hex(new ProtobufMessage().int(1, 127))).toBe('087f');
    expect(hex(new ProtobufMessage().int(1, 128))).toBe('088001');
    expect(hex(new ProtobufMessage().int(1, -2))).toBe('08feffffffffffffffff01');
    expect(hex(new ProtobufMessage().int(1, 2n ** 63n - 1n))).toBe('08ffffffffffffffff7f');
  });

  it('writes texts, nested messages and floats', () => {
    expect(hex(new ProtobufMessage().string(2, 'testing'))).toBe('120774657374696e67');
    expect(hex(new ProtobufMessage().message(3, new ProtobufMessage().int(1, 150)))).toBe('1a03089601');
    expect(hex(new ProtobufMessage().float(2, 1))).toBe('150000803f');
    expect(hex(new ProtobufMessage().int(20, 7))).toBe('a00107');
  });
});
