import { EmbedError } from '../embed-error.js';
import { IMAGE_SIDE } from '../interfaces.js';
import { OnnxGraph, type Value } from '../onnx/onnx-graph.js';
import { requiredTensors, VITS16 } from './architecture.js';
import { ropeTables } from './rope-tables.js';
import type { Tensor } from './safetensors.js';

/** The model's input: N×3×224×224. */
export const INPUT = 'pixel_values';
/** The model's output: N×384, the class token after the last normalisation. */
export const OUTPUT = 'pooler_output';

/**
 * Builds DINOv3 ViT-S/16 as an ONNX model from its published weights, so that no Python is needed.
 *
 * @param weights - By state-dict name; names that the model does not need are passed over.
 * @param file - Where they come from, for errors.
 * @throws {EmbedError} `bad_model` when a weight is absent, of another shape, or not finite.
 */
export function buildDinov3(weights: ReadonlyMap<string, Tensor>, file: string): Uint8Array {
  return new Dinov3Builder(checked(weights, file)).build();
}

function checked(weights: ReadonlyMap<string, Tensor>, file: string): (name: string) => Float32Array {
  const bad = (detail: string) => new EmbedError({ code: 'bad_model', file, detail });
  const found = new Map<string, Float32Array>();
  for (const [name, shape] of requiredTensors()) {
    const tensor = weights.get(name);
    if (tensor === undefined) throw bad(`${name} is missing`);
    if (tensor.shape.join() !== shape.join())
      throw bad(`${name} is [${tensor.shape.join()}], expected [${shape.join()}]`);
    if (!tensor.data.every(Number.isFinite)) throw bad(`${name} has a number that is not finite`);
    found.set(name, tensor.data);
  }
  return (name) => {
    const data = found.get(name);
    if (data === undefined) throw bad(`${name} is missing`);
    return data;
  };
}

/** Writes the network down layer by layer. Shapes: T tokens (class, registers, patches), D wide, H heads. */
class Dinov3Builder {
  readonly #graph = new OnnxGraph('dinov3_vits16');
  readonly #weight: (name: string) => Float32Array;
  readonly #rope = ropeTables(IMAGE_SIDE / VITS16.patch);
  readonly #ropeCos: Value;
  readonly #ropeSin: Value;

  constructor(weight: (name: string) => Float32Array) {
    this.#weight = weight;
    const shape = [1, 1, this.#rope.tokens, this.#rope.headWidth];
    this.#ropeCos = this.#graph.floats('rope.cos', shape, this.#rope.cos);
    this.#ropeSin = this.#graph.floats('rope.sin', shape, this.#rope.sin);
  }

  build(): Uint8Array {
    const { layers, width } = VITS16;
    let hidden = this.#tokens(this.#graph.input(INPUT, ['batch', 3, IMAGE_SIDE, IMAGE_SIDE]));
    for (let layer = 0; layer < layers; layer++) hidden = this.#layer(hidden, `layer.${layer}`);
    const normal = this.#layerNorm(hidden, 'norm');
    const classToken = this.#graph.op('Slice', [normal, ...this.#slice(0, 1, 1)]);
    const pooled = this.#graph.op('Reshape', [classToken, this.#graph.ints([-1, width])]);
    this.#graph.output(OUTPUT, ['batch', width], pooled);
    return this.#graph.toBytes();
  }

  /** Class token, registers and one token a patch: N×T×D. */
  #tokens(pixels: Value): Value {
    const graph = this.#graph;
    const { width, patch, registers } = VITS16;
    const kernel = graph.floats(
      'patch.weight',
      [width, 3, patch, patch],
      this.#weight('embeddings.patch_embeddings.weight'),
    );
    const bias = graph.floats('patch.bias', [width], this.#weight('embeddings.patch_embeddings.bias'));
    const grid = graph.op('Conv', [pixels, kernel, bias], { kernel_shape: [patch, patch], strides: [patch, patch] });
    const rows = graph.op('Reshape', [grid, graph.ints([0, width, -1])]);
    const patches = graph.op('Transpose', [rows], { perm: [0, 2, 1] });

    const prefixData = new Float32Array((registers + 1) * width);
    prefixData.set(this.#weight('embeddings.cls_token'));
    prefixData.set(this.#weight('embeddings.register_tokens'), width);
    const prefix = graph.floats('prefix', [1, registers + 1, width], prefixData);
    const batch = graph.op('Slice', [graph.op('Shape', [pixels]), ...this.#slice(0, 1, 0)]);
    const shape = graph.op('Concat', [batch, graph.ints([registers + 1, width])], { axis: 0 });
    return graph.op('Concat', [graph.op('Expand', [prefix, shape]), patches], { axis: 1 });
  }

  #layer(hidden: Value, name: string): Value {
    const attended = this.#attention(this.#layerNorm(hidden, `${name}.norm1`), `${name}.attention`);
    const first = this.#addScaled(hidden, attended, `${name}.layer_scale1.lambda1`);
    const mapped = this.#mlp(this.#layerNorm(first, `${name}.norm2`), `${name}.mlp`);
    return this.#addScaled(first, mapped, `${name}.layer_scale2.lambda1`);
  }

  #attention(input: Value, name: string): Value {
    const graph = this.#graph;
    const { width } = VITS16;
    const query = this.#rotate(this.#heads(this.#linear(input, `${name}.q_proj`, width, width)));
    const key = this.#rotate(this.#heads(this.#linear(input, `${name}.k_proj`, width, width, 'no bias')));
    const value = this.#heads(this.#linear(input, `${name}.v_proj`, width, width));
    const scale = graph.floats('attention.scale', [], Float32Array.of(1 / Math.sqrt(this.#rope.headWidth)));
    const products = graph.op('MatMul', [query, graph.op('Transpose', [key], { perm: [0, 1, 3, 2] })]);
    const shares = graph.op('Softmax', [graph.op('Mul', [products, scale])], { axis: -1 });
    const mixed = graph.op('Transpose', [graph.op('MatMul', [shares, value])], { perm: [0, 2, 1, 3] });
    const joined = graph.op('Reshape', [mixed, graph.ints([0, 0, width])]);
    return this.#linear(joined, `${name}.o_proj`, width, width);
  }

  #mlp(input: Value, name: string): Value {
    const { width, mlpWidth } = VITS16;
    const up = this.#linear(input, `${name}.up_proj`, mlpWidth, width);
    return this.#linear(this.#gelu(up), `${name}.down_proj`, width, mlpWidth);
  }

  /** N×T×D to N×H×T×headWidth. */
  #heads(value: Value): Value {
    const split = this.#graph.op('Reshape', [value, this.#graph.ints([0, 0, VITS16.heads, this.#rope.headWidth])]);
    return this.#graph.op('Transpose', [split], { perm: [0, 2, 1, 3] });
  }

  #rotate(value: Value): Value {
    const graph = this.#graph;
    const [first, second] = graph.halve(value, this.#rope.headWidth / 2);
    const swapped = graph.op('Concat', [second, first], { axis: -1 });
    const still = graph.op('Mul', [value, this.#ropeCos]);
    return graph.op('Add', [still, graph.op('Mul', [swapped, this.#ropeSin])]);
  }

  /** The exact GELU, x·(1 + erf(x/√2))/2, in the form that ONNX Runtime fuses. */
  #gelu(value: Value): Value {
    const graph = this.#graph;
    const constant = (name: string, number: number) => graph.floats(`gelu.${name}`, [], Float32Array.of(number));
    const error = graph.op('Erf', [graph.op('Div', [value, constant('sqrt2', Math.SQRT2)])]);
    const doubled = graph.op('Mul', [value, graph.op('Add', [error, constant('one', 1)])]);
    return graph.op('Mul', [doubled, constant('half', 0.5)]);
  }

  #linear(input: Value, name: string, outputs: number, inputs: number, bias: 'bias' | 'no bias' = 'bias'): Value {
    const graph = this.#graph;
    const matrix = transposed(this.#weight(`${name}.weight`), outputs, inputs);
    const product = graph.op('MatMul', [input, graph.floats(`${name}.weight`, [inputs, outputs], matrix)]);
    if (bias === 'no bias') return product;
    return graph.op('Add', [product, graph.floats(`${name}.bias`, [outputs], this.#weight(`${name}.bias`))]);
  }

  #layerNorm(value: Value, name: string): Value {
    const { width, epsilon } = VITS16;
    const scale = this.#graph.floats(`${name}.weight`, [width], this.#weight(`${name}.weight`));
    const shift = this.#graph.floats(`${name}.bias`, [width], this.#weight(`${name}.bias`));
    return this.#graph.op('LayerNormalization', [value, scale, shift], { axis: -1, epsilon: { float: epsilon } });
  }

  #addScaled(hidden: Value, update: Value, scaleName: string): Value {
    const scale = this.#graph.floats(scaleName, [VITS16.width], this.#weight(scaleName));
    return this.#graph.op('Add', [this.#graph.op('Mul', [update, scale]), hidden]);
  }

  /** The arguments of a Slice along one axis. */
  #slice(from: number, to: number, axis: number): readonly Value[] {
    return [this.#graph.ints([from]), this.#graph.ints([to]), this.#graph.ints([axis])];
  }
}

/** A row-major rows×columns matrix as columns×rows. */
function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      out[column * rows + row] = matrix[row * columns + column] as number;
    }
  }
  return out;
}
