import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Sha256 } from '@tiltyard/schema';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { seededWeights, writeSafetensors } from '../../bench/seeded-weights.js';
import { buildDinov3 } from '../../src/dinov3/graph.js';
import { CACHE_DEFAULTS, distance, embedderSpec, importModel, openEmbedder } from '../../src/index.js';
import { dinov3Id } from '../../src/interfaces.js';
import { OnnxGraph } from '../../src/onnx/onnx-graph.js';
import { drawing, flat } from '../support/pictures.js';
import { type SeededModel, seededModel } from '../support/seeded-model.js';

const fault = (code: string) => expect.objectContaining({ fault: expect.objectContaining({ code }) });
const UNCACHED = { cache: { ...CACHE_DEFAULTS, maxEntries: 0 } };

/** Process ids of this process's children. Linux only, like the services. */
async function children(): Promise<number[]> {
  const text = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

describe('the DINOv3 embedder', () => {
  let model: SeededModel;
  let picture: Buffer;
  beforeAll(async () => {
    model = await seededModel();
    picture = await drawing('<circle cx="256" cy="256" r="200" fill="teal"/>');
  });
  afterAll(() => model[Symbol.asyncDispose]());

  it('gives 384 numbers of unit length under the model’s own id, the same bits with any thread count', async () => {
    await using one = await openEmbedder({ kind: 'dinov3', modelFile: model.file, threads: 1 }, UNCACHED);
    await using two = await openEmbedder({ kind: 'dinov3', modelFile: model.file, threads: 2 }, UNCACHED);
    expect(one.id).toBe(`dinov3-vits16@sha256:${model.sha256}/pre1`);
    const [first, again, threaded] = [await one.embed(picture), await one.embed(picture), await two.embed(picture)];
    expect(first.vector.length).toBe(384);
    expect(again.vector).toEqual(first.vector);
    expect(threaded.vector).toEqual(first.vector);
    expect(distance(first, threaded)).toBeLessThan(1e-6);
    expect(distance(first, await two.embed(await flat({ r: 250, g: 10, b: 10 })))).toBeGreaterThan(0.001);
  });

  it('fails the picture, not the process, on bad input', async () => {
    await using embedder = await openEmbedder({ kind: 'dinov3', modelFile: model.file });
    await expect(embedder.embed(Buffer.from('no picture'))).rejects.toEqual(fault('not_an_image'));
    expect((await embedder.embed(picture)).vector.length).toBe(384);
  });

  it('fails the call whose process dies and starts another for the next', async () => {
    const before = await children();
    await using embedder = await openEmbedder({ kind: 'dinov3', modelFile: model.file }, UNCACHED);
    const vector = (await embedder.embed(picture)).vector;
    const [worker = 0] = (await children()).filter((pid) => !before.includes(pid));
    const running = embedder.embed(picture);
    process.kill(worker, 'SIGKILL');
    await expect(running).rejects.toEqual(fault('worker_failed'));
    expect((await embedder.embed(picture)).vector).toEqual(vector);
  });

  it('kills a process that hangs', async () => {
    const before = await children();
    await using embedder = await openEmbedder({ kind: 'dinov3', modelFile: model.file, timeoutMs: 10_000 }, UNCACHED);
    const [worker = 0] = (await children()).filter((pid) => !before.includes(pid));
    process.kill(worker, 'SIGSTOP');
    await expect(embedder.embed(picture)).rejects.toEqual(fault('timed_out'));
    expect((await embedder.embed(picture)).vector.length).toBe(384);
  });

  it('answers at once when the caller stops or the embedder closes, and leaves no process', async () => {
    const before = await children();
    const embedder = await openEmbedder({ kind: 'dinov3', modelFile: model.file }, UNCACHED);
    const enough = new Error('enough');
    await expect(embedder.embed(picture, { signal: AbortSignal.abort(enough) })).rejects.toBe(enough);
    const stop = new AbortController();
    const stopped = embedder.embed(picture, { signal: stop.signal });
    stop.abort(enough);
    await expect(stopped).rejects.toBe(enough);
    const open = embedder.embed(picture);
    const closed = expect(open).rejects.toEqual(fault('closed'));
    await embedder.close();
    await closed;
    await embedder.close();
    await expect(embedder.embed(picture)).rejects.toEqual(fault('closed'));
    await vi.waitFor(async () => expect(await children()).toEqual(before), { timeout: 50_000 });
  });

  it('refuses another model than the one that the rules name', async () => {
    const expected = Sha256.parse('0'.repeat(64));
    const opening = openEmbedder({ kind: 'dinov3', modelFile: model.file, sha256: expected });
    await expect(opening).rejects.toEqual(
      expect.objectContaining({
        fault: { code: 'model_mismatch', file: model.file, expected, actual: model.sha256 },
      }),
    );
  });

  it('refuses a file that is no model, a cut-off one and none at all', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-embed-'));
    try {
      const cut = path.join(dir, 'cut.safetensors');
      await writeFile(cut, await readFile(model.file));
      await truncate(cut, 1_000_000);
      const noise = path.join(dir, 'noise.onnx');
      await writeFile(noise, Buffer.alloc(5000, 0x5a));
      for (const modelFile of [cut, noise, path.join(dir, 'absent')]) {
        await expect(openEmbedder({ kind: 'dinov3', modelFile })).rejects.toEqual(fault('bad_model'));
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('opens an ONNX export as well, under an id of its own, and sees the same', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-models-'));
    try {
      const file = path.join(dir, 'model.onnx');
      await writeFile(file, buildDinov3(seededWeights(), 'seeded'));
      await using weights = await openEmbedder({ kind: 'dinov3', modelFile: model.file });
      await using graph = await openEmbedder({ kind: 'dinov3', modelFile: file });
      expect(graph.id).not.toBe(weights.id);
      const [left, right] = [await weights.embed(picture), await graph.embed(picture)];
      expect(right.vector).toEqual(left.vector);
      expect(() => distance(left, right)).toThrow(fault('different_embedders'));
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('refuses a model of another shape, and one whose weights lie in other files', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-models-'));
    try {
      const small = new OnnxGraph('small');
      small.output('pooler', [1, 3], small.input('pixels', [1, 3]));
      const outside = Buffer.concat([small.toBytes(), Buffer.from('\x0a\x08location\x12\x0bweights.bin')]);
      for (const [name, bytes] of Object.entries({ small: small.toBytes(), outside })) {
        await writeFile(path.join(dir, name), bytes);
        const opening = openEmbedder({ kind: 'dinov3', modelFile: path.join(dir, name) });
        await expect(opening).rejects.toEqual(fault('bad_model'));
      }
      const incomplete = new Map(seededWeights());
      incomplete.delete('norm.bias');
      await writeSafetensors(path.join(dir, 'incomplete'), incomplete);
      const opening = openEmbedder({ kind: 'dinov3', modelFile: path.join(dir, 'incomplete') });
      await expect(opening).rejects.toThrow(/norm.bias is missing/);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('imports a local model, and opens it by the id in the rules', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-models-'));
    try {
      await expect(embedderSpec(dinov3Id(model.sha256), { modelDir: dir })).rejects.toEqual(fault('bad_model'));
      const imported = await importModel(model.file, { dir });
      expect(imported).toMatchObject({ sha256: model.sha256, pinned: false });
      await using embedder = await openEmbedder(await embedderSpec(imported.embedderId, { modelDir: dir }));
      expect((await embedder.embed(picture)).embedderId).toBe(imported.embedderId);

      await writeFile(path.join(dir, 'bad'), 'not a model');
      await expect(importModel(path.join(dir, 'bad'), { dir })).rejects.toEqual(fault('bad_model'));
      expect((await readdir(dir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

describe('the weight-free embedder', () => {
  it('computes once, then remembers, and refuses a blank picture every time', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-cache-'));
    try {
      await using embedder = await openEmbedder('descriptor-v1', { cache: { maxEntries: 10, dir } });
      const picture = await drawing('<circle cx="256" cy="256" r="200" fill="teal"/>');
      const { vector } = await embedder.embed(picture);
      await using restarted = await openEmbedder('descriptor-v1', { cache: { maxEntries: 10, dir } });
      expect((await restarted.embed(picture)).vector).toEqual(vector);
      const blank = await flat({ r: 255, g: 255, b: 255 });
      await expect(embedder.embed(blank)).rejects.toEqual(fault('blank_image'));
      await expect(embedder.embed(blank)).rejects.toEqual(fault('blank_image'));
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

// The published weights are gated by Meta's licence; whoever has them can prove that we compute what Meta does.
const { TILTYARD_DINOV3_MODEL: realModel, TILTYARD_COCO_39769: cats } = process.env;
describe.skipIf(!realModel || !cats)(
  'the published DINOv3 (needs TILTYARD_DINOV3_MODEL and TILTYARD_COCO_39769)',
  () => {
    it('sees in COCO val 000000039769.jpg what the reference implementation sees', async () => {
      const { readSafetensors } = await import('../../src/dinov3/safetensors.js');
      const { decodeImage } = await import('../../src/decode-image.js');
      const { resizeToFloat } = await import('../../src/resize.js');
      const { pixelValues } = await import('../../src/pixel-values.js');
      const { InferenceSession, Tensor } = await import('onnxruntime-node');
      const weights = readSafetensors(await readFile(realModel ?? ''), 'model');
      const session = await InferenceSession.create(buildDinov3(weights, 'model'));
      const pixels = pixelValues(resizeToFloat(await decodeImage(await readFile(cats ?? ''))));
      const { pooler_output } = await session.run({ pixel_values: new Tensor('float32', pixels, [1, 3, 224, 224]) });
      const head = [...((pooler_output?.data as Float32Array | undefined) ?? [])].slice(0, 5);
      [0.46356, -0.41561, 0.40824, -0.12661, -0.28664].forEach((value, i) => {
        expect(Math.abs((head[i] ?? Number.NaN) - value)).toBeLessThan(1e-4);
      });
    });
  },
);
