import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { CACHE_DEFAULTS, type Embedder, type EmbedderSpec, openEmbedder } from '@tiltyard/embed';
import { OnnxGraph } from '@tiltyard/embed/onnx-graph';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { seededWeights, writeSafetensors } from './seeded-weights.js';

/** One measured number. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** Additions and multiplications of one 224×224 picture through ViT-S/16, 201 tokens: matrix products only. */
const FLOPS_A_PICTURE = 2 * (201 * 12 * (4 * 384 * 384 + 2 * 384 * 1536) + 12 * 2 * 201 * 201 * 384 + 196 * 768 * 384);
const MATRIX_SIDE = 2048;
const TURNS = 3;
const SECONDS_A_MEASUREMENT = 1;
const NO_SPINNING = { session: { intra_op: { allow_spinning: '0' } } };

/**
 * Measures how many pictures a second are embedded, end to end from PNG bytes and without the cache, and what share of
 * the machine's single-precision matrix peak the model reaches: a large MatMul through the same runtime, on as many
 * threads, in the same run.
 */
export async function bench(): Promise<readonly BenchRow[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-bench-'));
  try {
    const modelFile = path.join(dir, 'seeded.safetensors');
    await writeSafetensors(modelFile, seededWeights());
    const [picture, small] = [await testPicture(1024), await testPicture(224)];
    const rows: BenchRow[] = [row('descriptor-v1, 1024x1024 PNG', await embeddingRate('descriptor-v1', picture))];
    for (const threads of new Set([1, availableParallelism()])) {
      rows.push(...(await modelRows({ kind: 'dinov3', modelFile, threads }, threads, picture, small)));
    }
    return rows;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * The share of the peak compares the small picture, whose decoding is next to nothing, with the product. Both are taken
 * in turns, the best of each, since a neighbour on the machine slows whichever runs at that moment.
 */
async function modelRows(
  spec: EmbedderSpec,
  threads: number,
  picture: Buffer,
  small: Buffer,
): Promise<readonly BenchRow[]> {
  let [rate, smallRate, peak] = [0, 0, 0];
  for (let turn = 0; turn < TURNS; turn++) {
    rate = Math.max(rate, await embeddingRate(spec, picture));
    smallRate = Math.max(smallRate, await embeddingRate(spec, small));
    peak = Math.max(peak, await matrixPeak(threads));
  }
  const on = threads === 1 ? '1 thread' : `${threads} threads`;
  return [
    row(`DINOv3 (seeded), ${on}, 1024x1024 PNG`, rate),
    row(`DINOv3 (seeded), ${on}, 224x224 PNG`, smallRate),
    { name: `fp32 MatMul peak, ${on}`, value: peak / 1e9, unit: 'GFLOP/s' },
    { name: `DINOv3 share of the peak, ${on}`, value: ((smallRate * FLOPS_A_PICTURE) / peak) * 100, unit: '%' },
  ];
}

function row(name: string, rate: number): BenchRow {
  return { name, value: rate, unit: 'pictures/s' };
}

/** Smooth colours with a little noise, so that decoding costs what a render costs. */
function testPicture(side: number): Promise<Buffer> {
  const noise = randomBytes(side * side * 3);
  const pixels = noise.map((byte, i) => ((Math.floor(i / 3) % side) >> 2) ^ (byte & 1));
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}

async function embeddingRate(spec: EmbedderSpec, picture: Buffer): Promise<number> {
  await using embedder = await openEmbedder(spec, { cache: { ...CACHE_DEFAULTS, maxEntries: 0 } });
  await embedder.embed(picture);
  return await perSecond(() => pair(embedder, picture), 2);
}

/** Two at a time, as the services do, so that decoding one overlaps with the other's inference. */
async function pair(embedder: Embedder, picture: Buffer): Promise<void> {
  await Promise.all([embedder.embed(picture), embedder.embed(picture)]);
}

/** The best floating-point operations a second, of a dozen runs, of a square single-precision matrix product. */
async function matrixPeak(threads: number): Promise<number> {
  const graph = new OnnxGraph('peak');
  const shape = [MATRIX_SIDE, MATRIX_SIDE];
  const matrix = new Float32Array(MATRIX_SIDE * MATRIX_SIDE).map((_, i) => (i % 7) / 7);
  const product = graph.op('MatMul', [graph.input('x', shape), graph.floats('w', shape, matrix)]);
  graph.output('y', shape, product);
  const session = await InferenceSession.create(graph.toBytes(), { intraOpNumThreads: threads, extra: NO_SPINNING });
  try {
    const feeds = { x: new Tensor('float32', matrix, shape) };
    await session.run(feeds);
    let best = Number.POSITIVE_INFINITY;
    for (let call = 0; call < 12; call++) {
      const start = performance.now();
      await session.run(feeds);
      best = Math.min(best, performance.now() - start);
    }
    return (2 * MATRIX_SIDE ** 3 * 1000) / best;
  } finally {
    await session.release();
  }
}

async function perSecond(work: () => Promise<unknown>, unitsACall: number): Promise<number> {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < SECONDS_A_MEASUREMENT * 1000) {
    await work();
    calls++;
  }
  return (calls * unitsACall * 1000) / (performance.now() - start);
}
