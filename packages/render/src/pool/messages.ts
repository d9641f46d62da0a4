import { z } from 'zod';
import type { GlbFault } from '../glb-fault.js';
import { renderJob } from './job.js';

/** Parent to worker. */
export const toWorker = z.object({ id: z.int(), job: renderJob });
export type ToWorker = z.output<typeof toWorker>;

const png = z
  .custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be bytes')
  .transform((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
const ms = z.number().min(0);
const point = z.tuple([z.number(), z.number(), z.number()]).readonly();
const bounds = z.object({ min: point, max: point });
const count = z.int().min(0);

const rendered = z.object({
  ok: z.literal(true),
  grid: png.nullable(),
  single: z.array(z.object({ name: z.string(), png })).readonly(),
  facts: z.object({
    bytes: count,
    meshes: count,
    primitives: count,
    nodes: count,
    triangles: count,
    vertices: count,
    images: count,
    imagePixels: count,
    bounds,
  }),
  timings: z.object({ checkMs: ms, loadMs: ms, texturesMs: ms, drawMs: ms, encodeMs: ms, workerMs: ms }),
});

/** Whether time is up is for the parent to see: a worker never says so. */
type WorkerFault = Exclude<GlbFault, { readonly code: 'timeout' }>;

const where = z.string();
const detail = z.string();
const sized = { count: z.number(), limit: z.number() };

const fault: z.ZodType<WorkerFault, WorkerFault> = z.discriminatedUnion('code', [
  z.object({ code: z.literal('not_glb'), detail }),
  z.object({ code: z.literal('bad_json'), where, detail }),
  z.object({ code: z.literal('external_uri'), where, uri: z.string() }),
  z.object({ code: z.literal('bad_buffer'), where, detail }),
  z.object({ code: z.literal('bad_accessor'), where, detail }),
  z.object({ code: z.literal('index_range'), where, index: z.number(), vertices: z.number() }),
  z.object({ code: z.literal('non_finite'), where }),
  z.object({ code: z.literal('degenerate'), detail }),
  z.object({ code: z.literal('no_mesh'), detail }),
  z.object({ code: z.literal('no_scene'), detail }),
  z.object({ code: z.literal('too_large'), bytes: z.number(), limit: z.number() }),
  z.object({ code: z.literal('too_complex'), what: z.string(), ...sized }),
  z.object({ code: z.literal('too_many_meshes'), ...sized }),
  z.object({ code: z.literal('too_many_images'), ...sized }),
  z.object({ code: z.literal('image_too_large'), where, pixels: z.number(), limit: z.number() }),
  z.object({ code: z.literal('image_format'), where, format: z.string() }),
  z.object({ code: z.literal('bad_image'), where, detail }),
  z.object({ code: z.literal('node_cycle'), where }),
  z.object({ code: z.literal('unsupported_extension'), extension: z.string() }),
  z.object({ code: z.literal('out_of_bounds'), bounds, limit: z.number() }),
]);

/**
 * Worker to parent. The worker has handled a stranger's file, so its word is parsed like a stranger's.
 */
export const fromWorker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), driver: z.string() }),
  z.object({ type: z.literal('unavailable'), reason: z.string() }),
  // `clean`: whether the job has left nothing behind, so that the worker is good for another.
  z.object({ type: z.literal('rendered'), id: z.int(), outcome: rendered, clean: z.boolean() }),
  z.object({ type: z.literal('refused'), id: z.int(), fault, clean: z.boolean() }),
  z.object({ type: z.literal('failed'), id: z.int(), reason: z.string() }),
]);
export type FromWorker = z.output<typeof fromWorker>;
/** The same before parsing: what a worker sends. */
export type WorkerMessage = z.input<typeof fromWorker>;
