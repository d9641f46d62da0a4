import { ProtobufMessage } from './protobuf.js';

/** A value flowing through the graph: an input, a constant or what an operator gives. */
export type Value = string & { readonly __value: never };

/** An operator's setting: whole number(s), or a float. */
export type Attribute = number | readonly number[] | { readonly float: number };

/** A dimension: its length, or a name where any length is accepted. */
export type Dimension = number | string;

const IR_VERSION = 8;
const OPSET = 17;
const FLOAT = 1;
const INT64 = 7;

/**
 * Builds an ONNX model of standard operators (IR version 8, opset 17).
 *
 * Field numbers are those of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3). The same calls give
 * the same bytes.
 *
 * @example
 * const graph = new OnnxGraph('double');
 * const x = graph.input('x', [2]);
 * graph.output('y', [2], graph.op('Add', [x, x]));
 * const model = graph.toBytes();
 */
export class OnnxGraph {
  readonly #name: string;
  readonly #nodes: ProtobufMessage[] = [];
  readonly #constants = new Map<string, ProtobufMessage>();
  readonly #inputs: ProtobufMessage[] = [];
  readonly #outputs: ProtobufMessage[] = [];
  #values = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** A float32 input of the whole model. */
  input(name: string, shape: readonly Dimension[]): Value {
    this.#inputs.push(valueInfo(name, shape));
    return name as Value;
  }

  /** Makes a value a float32 output of the whole model, under this name. */
  output(name: string, shape: readonly Dimension[], value: Value): void {
    this.#node('Identity', [value], [name], {});
    this.#outputs.push(valueInfo(name, shape));
  }

  /** A float32 constant. Asking again for the same name gives the same constant. */
  floats(name: string, shape: readonly number[], data: Float32Array): Value {
    return this.#constant(name, shape, FLOAT, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  /** A list of whole numbers as a constant, as reshapes and slices take them. */
  ints(values: readonly number[]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant(`ints:${values.join(',')}`, [values.length], INT64, new Uint8Array(data.buffer));
  }

  /** Applies an operator that gives one value. */
  op(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    const output = this.#nextValue();
    this.#node(operator, inputs, [output], attributes);
    return output;
  }

  /** Splits a value in two along its last axis. */
  halve(value: Value, halfLength: number): readonly [Value, Value] {
    const halves = [this.#nextValue(), this.#nextValue()] as const;
    this.#node('Split', [value, this.ints([halfLength, halfLength])], halves, { axis: -1 });
    return halves;
  }

  /** The model as the bytes of a ModelProto. */
  toBytes(): Uint8Array {
    const graph = new ProtobufMessage();
    for (const node of this.#nodes) graph.message(1, node);
    graph.string(2, this.#name);
    for (const constant of this.#constants.values()) graph.message(5, constant);
    for (const input of this.#inputs) graph.message(11, input);
    for (const output of this.#outputs) graph.message(12, output);
    return new ProtobufMessage()
      .int(1, IR_VERSION)
      .string(2, 'tiltyard')
      .message(7, graph)
      .message(8, new ProtobufMessage().int(2, OPSET))
      .toBytes();
  }

  #nextValue(): Value {
    return `v${this.#values++}` as Value;
  }

  #constant(name: string, shape: readonly number[], type: number, data: Uint8Array): Value {
    if (!this.#constants.has(name)) {
      const tensor = new ProtobufMessage();
      for (const length of shape) tensor.int(1, length);
      this.#constants.set(name, tensor.int(2, type).string(8, name).bytes(9, data));
    }
    return name as Value;
  }

  #node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): void {
    const node = new ProtobufMessage();
    for (const input of inputs) node.string(1, input);
    for (const output of outputs) node.string(2, output);
    node.string(3, `${operator}_${this.#nodes.length}`).string(4, operator);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    this.#nodes.push(node);
  }
}

function attribute(name: string, value: Attribute): ProtobufMessage {
  const message = new ProtobufMessage().string(1, name);
  if (typeof value === 'number') return message.int(3, value).int(20, 2);
  if ('float' in value) return message.float(2, value.float).int(20, 1);
  for (const entry of value) message.int(8, entry);
  return message.int(20, 7);
}

function valueInfo(name: string, shape: readonly Dimension[]): ProtobufMessage {
  const dimensions = new ProtobufMessage();
  for (const length of shape) {
    const dimension = new ProtobufMessage();
    dimensions.message(1, typeof length === 'string' ? dimension.string(2, length) : dimension.int(1, length));
  }
  const tensorType = new ProtobufMessage().int(1, FLOAT).message(2, dimensions);
  return new ProtobufMessage().string(1, name).message(2, new ProtobufMessage().message(1, tensorType));
}
