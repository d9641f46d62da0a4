import { performance } from 'node:perf_hooks';
import { GLB_LIMITS_DEFAULTS, openRenderer, type Renderer, type RenderTimings } from '@tiltyard/render';
import { type ModelSize, syntheticModel } from './synthetic-models.js';

/** One measured number. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const MODELS: readonly { readonly name: string; readonly runs: number; readonly size: ModelSize }[] = [
  { name: '4k triangles, 1 × 512', runs: 15, size: { triangles: 4_000, texturePx: 512, textures: ['base'] } },
  {
    name: '15k triangles, 4 × 2k',
    runs: 9,
    size: { triangles: 15_000, texturePx: 2048, textures: ['base', 'metal', 'normal', 'occlusion'] },
  },
  {
    name: '100k triangles, 2 × 2k',
    runs: 9,
    size: { triangles: 100_000, texturePx: 2048, textures: ['base', 'metal'] },
  },
  {
    name: '1M triangles, 4 × 4k',
    runs: 5,
    size: { triangles: 1_000_000, texturePx: 4096, textures: ['base', 'metal', 'normal', 'occlusion'] },
  },
];

const STEPS = ['checkMs', 'loadMs', 'texturesMs', 'drawMs', 'encodeMs'] as const;

/** Measures a four-view grid, from the caller's GLB to its PNG, on warm workers; and how long a worker takes to start. */
export async function bench(): Promise<readonly BenchRow[]> {
  const start = performance.now();
  await using renderer = await openRenderer();
  const rows: BenchRow[] = [{ name: 'start of a worker', value: performance.now() - start, unit: 'ms' }];
  for (const { name, runs, size } of MODELS) {
    const glb = await syntheticModel(size);
    rows.push({ name: `${name}: size`, value: glb.length / 1e6, unit: 'MB' });
    rows.push(...(await measure(renderer, glb, name, runs)));
  }
  return rows;
}

async function measure(renderer: Renderer, glb: Uint8Array, name: string, runs: number): Promise<BenchRow[]> {
  const totals: number[] = [];
  const timings: RenderTimings[] = [];
  // The first run compiles the model's shaders, and is not counted.
  for (let run = 0; run <= runs; run += 1) {
    const start = performance.now();
    const result = await renderer.render(glb, {
      views: 'reference-grid@1',
      lighting: 'studio@1',
      limits: GLB_LIMITS_DEFAULTS,
    });
    if (!result.ok) throw new Error(`the benchmark's model was refused: ${result.message}`);
    if (run === 0) continue;
    totals.push(performance.now() - start);
    timings.push(result.timings);
  }
  return [
    { name: `${name}: grid, p50`, value: median(totals), unit: 'ms' },
    ...STEPS.map((step) => ({
      name: `${name}: ${step.slice(0, -2)}, p50`,
      value: median(timings.map((timing) => timing[step])),
      unit: 'ms',
    })),
  ];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
