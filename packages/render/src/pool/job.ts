import { LIGHTINGS } from '@tiltyard/schema/gen3d';
import { z } from 'zod';
import type { RenderFacts, RenderRefusal } from '../interfaces.js';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be bytes');

/** One picture to take. */
const shot = z.object({
  name: z.string(),
  azimuth: z.number(),
  elevation: z.number(),
  background: z.int().min(0).max(0xffffff),
  radius: z.number().min(0.9).max(50),
  /** Edge of the finished picture; it is drawn at twice that. */
  edgePx: z.int().min(16).max(2048),
});

/** What a worker is asked to do with a GLB. */
export const renderJob = z.object({
  glb: bytes,
  limits: z.object({
    max_glb_bytes: z.number().positive(),
    bounds: z.number().positive(),
    max_meshes: z.number().nullable(),
    max_triangles: z.number().positive(),
    max_image_pixels: z.number().positive(),
    max_image_side: z.number().positive().optional(),
  }),
  lighting: z.enum(LIGHTINGS),
  normalise: z.boolean(),
  shots: z.array(shot).min(1).max(32),
  /** Shots that are laid out as one picture, by their numbers. */
  grid: z.object({ shots: z.array(z.int()), edgePx: z.int(), gapPx: z.int() }).nullable(),
  /** Shots that are returned as pictures of their own. */
  single: z.array(z.int()),
});

export type Shot = z.output<typeof shot>;
export type RenderJob = z.output<typeof renderJob>;

/** Where a worker's time went, in milliseconds. */
export interface JobTimings {
  readonly checkMs: number;
  readonly loadMs: number;
  readonly texturesMs: number;
  readonly drawMs: number;
  readonly encodeMs: number;
  readonly workerMs: number;
}

/** What a worker answers: pictures, or what is wrong with the file. */
export type JobOutcome =
  | {
      readonly ok: true;
      readonly grid: Buffer | null;
      readonly single: readonly { readonly name: string; readonly png: Buffer }[];
      readonly facts: RenderFacts;
      readonly timings: JobTimings;
    }
  | RenderRefusal;
