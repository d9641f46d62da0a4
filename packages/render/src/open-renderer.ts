import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { refusal } from './check/check-glb.js';
import { DRAWING_REVISION } from './draw/drawing-revision.js';
import type { Renderer, RendererOptions } from './interfaces.js';
import { chooseDevice } from './pool/device.js';
import type { RenderJob } from './pool/job.js';
import { WorkerPool } from './pool/pool.js';
import { RenderError } from './render-error.js';
import { jobOf, resultOf, viewJobOf, viewResultOf } from './requests.js';

export const RENDERER_DEFAULTS: Required<RendererOptions> = {
  processes: 1,
  deadlineMs: 60_000,
  memoryLimitBytes: 6 * 1024 ** 3,
  startTimeoutMs: 60_000,
  device: 'auto',
  env: {},
  log: { info: () => undefined, warn: () => undefined },
};

/**
 * Starts a pool of render processes and waits until the first pictures are drawn.
 *
 * @example
 * await using renderer = await openRenderer({ log });
 * const result = await renderer.render(glb, { views: 'reference-grid@1', lighting: 'studio@1', limits: rules.limits });
 * if (!result.ok) return reject(result.code, result.message);
 *
 * @throws RenderError `context_unavailable` (the message says what to install), `bad_option`
 */
export async function openRenderer(options: RendererOptions = {}): Promise<Renderer> {
  const settings = { ...RENDERER_DEFAULTS, ...options };
  for (const field of ['processes', 'deadlineMs', 'memoryLimitBytes', 'startTimeoutMs'] as const) {
    assertPositiveInteger(field, settings[field]);
  }
  const device = chooseDevice(settings.device, { ...process.env, ...settings.env });
  settings.log.info({ device: device.name, icdFile: device.icdFile, version: device.version }, 'render device chosen');
  const pool = new WorkerPool({ ...settings, device });
  let driver: string;
  try {
    driver = await pool.warmUp();
  } catch (error) {
    await pool.close();
    throw error;
  }
  const width = settings.env.LP_NATIVE_VECTOR_WIDTH ?? device.env.LP_NATIVE_VECTOR_WIDTH;
  const described = [
    `gl ${versionOf('gl')}`,
    `three ${versionOf('three')}`,
    `sharp ${versionOf('sharp')}`,
    `${device.name} ${device.version}${width ? ` width ${width}` : ''}`,
    driver,
    `drawing ${DRAWING_REVISION}`,
  ].join(', ');
  return rendererOf(pool, described, settings.deadlineMs);
}

function rendererOf(pool: WorkerPool, described: string, defaultDeadlineMs: number): Renderer {
  const run = async (glb: Uint8Array, job: RenderJob, deadlineMs: number, signal: AbortSignal | undefined) => {
    signal?.throwIfAborted();
    // Before anything is copied to a worker: what is too large is not sent.
    const { max_glb_bytes: limit } = job.limits;
    if (glb.length > limit) {
      return { outcome: refusal({ code: 'too_large', bytes: glb.length, limit }), spentMs: 0, queuedMs: 0 };
    }
    const queued = performance.now();
    let queuedMs = 0;
    const started = () => {
      queuedMs = performance.now() - queued;
    };
    const done = await orAborted(pool.run(job, deadlineMs, started, signal), signal);
    return { ...done, queuedMs };
  };
  return {
    render: async (glb, request) => {
      const { deadlineMs = defaultDeadlineMs, signal } = request;
      assertPositiveInteger('deadlineMs', deadlineMs);
      const { outcome, ...cost } = await run(glb, jobOf(glb, request), deadlineMs, signal);
      return resultOf(outcome, request, cost);
    },
    renderView: async (glb, request) => {
      const { outcome, queuedMs } = await run(glb, viewJobOf(glb, request), defaultDeadlineMs, request.signal);
      return viewResultOf(outcome, queuedMs);
    },
    describe: () => described,
    close: () => pool.close(),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

/** A caller that gives up is let go at once; the worker finishes what it has begun, within its deadline. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function assertPositiveInteger(option: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new RenderError({ code: 'bad_option', option, detail: `must be a positive integer, not ${value}` });
}

/** A dependency's version, from its package.json, which some packages do not export. */
function versionOf(name: string): string {
  const marker = `${path.sep}node_modules${path.sep}${name}${path.sep}`;
  const entry = createRequire(import.meta.url).resolve(name);
  const root = entry.slice(0, entry.lastIndexOf(marker) + marker.length);
  return (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
