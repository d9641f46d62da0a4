import { z } from 'zod';
import { Sha256 } from '../../names.js';
import { openObject } from '../../open-object.js';
import { Seconds } from '../../scalars.js';
import { Stem } from '../names.js';

const ObjectUrl = z.string().min(1).max(2048);

/** Why a prompt has no usable file: a code for programs, a message for the miner. */
export const GenerationFault = openObject({
  code: z
    .string()
    .max(100)
    .regex(/^[a-z0-9_]+(:[A-Za-z0-9_.-]+)?$/),
  message: z.string().max(2000).describe('for people'),
});
export type GenerationFault = z.infer<typeof GenerationFault>;

/**
 * One prompt's file: as a miner submitted it (submitted.json) or as its container made it again (generated.json).
 *
 * `distance` is between the re-run and the submission, 0 where nothing was compared. `duplicates` names other hotkeys
 * that submitted the same bytes, or others that draw the same picture, for this prompt. The optional fields are Tiltyard's own.
 */
export const GenerationResult = openObject({
  glb: ObjectUrl.nullable().describe('URL of the model, or null'),
  png: ObjectUrl.nullable().describe('URL of its preview, or null; only a result with both is usable'),
  generation_time: Seconds.describe('seconds from request to response headers; 0 in submitted.json'),
  size: z.int().min(0).describe('bytes of the GLB'),
  attempts: z.int().min(0).describe('attempts used'),
  distance: z
    .number()
    .min(-1e-3)
    .max(2.001)
    .describe('between the re-run and the submission; 0 where nothing was compared'),
  glb_sha256: Sha256.describe('of the GLB').optional(),
  png_sha256: Sha256.describe('of the preview').optional(),
  views: ObjectUrl.describe('URL prefix of the single views').optional(),
  download_seconds: Seconds.describe("what fetching it took of the miner's time, where that counts").optional(),
  draw_seconds: Seconds.describe("what checking and drawing it took of the miner's time").optional(),
  duplicates: z
    .array(z.string().max(48))
    .describe('short names of others that submitted the same bytes or picture')
    .optional(),
  error: GenerationFault.describe('why there is no usable file').optional(),
});
export type GenerationResult = z.infer<typeof GenerationResult>;

/** submitted.json and generated.json: prompt stem → result. */
export const Generations = z.record(Stem, GenerationResult);
export type Generations = Readonly<Record<Stem, GenerationResult>>;

/** True when a result can be judged and compared: it has both the file and its preview. */
export function isUsable(result: GenerationResult): boolean {
  return result.glb !== null && result.png !== null;
}
