import { open } from 'node:fs/promises';

/** A weight of the seeded model. */
export interface SeededTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A 32-bit integer hash with good avalanche (lowbias32). */
function hash32(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** `length` numbers, uniform in offset ± scale, each exact in single precision. */
function uniform(length: number, seed: number, scale: number, offset: number): Float32Array {
  const base = Math.imul(seed, 0x9e3779b1);
  const [scale32, offset32] = [Math.fround(scale), Math.fround(offset)];
  return Float32Array.from({ length }, (_, i) => {
    const unit = ((hash32((base + i) | 0) >>> 8) - 2 ** 23) / 2 ** 23;
    return Math.fround(Math.fround(unit * scale32) + offset32);
  });
}

/**
 * Weights of the full ViT-S/16 architecture drawn from a seed: the same computation as the published model, verifiable
 * against PyTorch, without anybody's licence. They recognise nothing.
 *
 * Weights of a matrix have the variance 1/inputs, so that activations stay near 1 through all layers.
 */
export function seededWeights(seed = 1): ReadonlyMap<string, SeededTensor> {
  const [width, mlp, layers] = [384, 1536, 12];
  const weights = new Map<string, SeededTensor>();
  let stream = seed * 1000;
  const add = (name: string, shape: readonly number[], scale: number, offset = 0) => {
    const length = shape.reduce((product, side) => product * side, 1);
    weights.set(name, { shape, data: uniform(length, ++stream, scale, offset) });
  };
  const spread = (inputs: number) => Math.sqrt(3 / inputs);
  add('embeddings.cls_token', [1, 1, width], 1);
  add('embeddings.register_tokens', [1, 4, width], 1);
  add('embeddings.patch_embeddings.weight', [width, 3, 16, 16], spread(3 * 16 * 16));
  add('embeddings.patch_embeddings.bias', [width], 0.1);
  for (let layer = 0; layer < layers; layer++) {
    const at = `layer.${layer}`;
    add(`${at}.norm1.weight`, [width], 0.1, 1);
    add(`${at}.norm1.bias`, [width], 0.1);
    for (const projection of ['q', 'k', 'v', 'o']) {
      const sharper = projection === 'q' || projection === 'k' ? 1.5 : 1;
      add(`${at}.attention.${projection}_proj.weight`, [width, width], spread(width) * sharper);
      if (projection !== 'k') add(`${at}.attention.${projection}_proj.bias`, [width], 0.1);
    }
    add(`${at}.layer_scale1.lambda1`, [width], 0.05, 0.3);
    add(`${at}.norm2.weight`, [width], 0.1, 1);
    add(`${at}.norm2.bias`, [width], 0.1);
    add(`${at}.mlp.up_proj.weight`, [mlp, width], spread(width));
    add(`${at}.mlp.up_proj.bias`, [mlp], 0.1);
    add(`${at}.mlp.down_proj.weight`, [width, mlp], spread(mlp));
    add(`${at}.mlp.down_proj.bias`, [width], 0.1);
    add(`${at}.layer_scale2.lambda1`, [width], 0.05, 0.3);
  }
  add('norm.weight', [width], 0.1, 1);
  add('norm.bias', [width], 0.1);
  return weights;
}

/** Writes tensors as a safetensors file, as the published model is one. */
export async function writeSafetensors(file: string, tensors: ReadonlyMap<string, SeededTensor>): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  await using handle = await open(file, 'w');
  await handle.write(length);
  await handle.write(text);
  for (const { data } of tensors.values()) {
    await handle.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
}
