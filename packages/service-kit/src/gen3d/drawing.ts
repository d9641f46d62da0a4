import type { Sha256 } from '@tiltyard/schema';
import {
  type GenerationResult,
  LIGHTINGS,
  type LightingName,
  type Thresholds,
  VIEW_SET_NAMES,
  type ViewSetName,
} from '@tiltyard/schema/gen3d';
import { StateError } from '../state-error.js';

/** How a round's files are drawn: what they may be and cost, from where they are seen, in what light. */
export interface Drawing {
  readonly limits: Thresholds['limits'];
  readonly views: ViewSetName;
  readonly lighting: LightingName;
  readonly deadlineMs: number;
}

/**
 * How a round's rules want files to be drawn, as a renderer takes it.
 *
 * @throws StateError `unsupported` when they name views or lighting that this version does not know: nothing else will do.
 */
export function drawingOf({ limits, rendering }: Pick<Thresholds, 'limits' | 'rendering'>): Drawing {
  const views = VIEW_SET_NAMES.find((name) => name === rendering.views);
  const lighting = LIGHTINGS.find((name) => name === rendering.lighting);
  if (views !== undefined && lighting !== undefined) {
    return { limits, views, lighting, deadlineMs: Math.ceil(limits.render_seconds * 1000) };
  }
  const detail = `${rendering.views}, ${rendering.lighting} is not known to this version`;
  throw new StateError({ code: 'unsupported', path: 'rules.json rendering', detail });
}

/** A file that was drawn, or why it is refused; as a renderer has it. */
export type Drawn =
  | { readonly ok: true; readonly grid: Uint8Array }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** As much of an object store as a drawn file needs. */
export interface DrawnStore {
  put(
    content: Uint8Array,
    options: {
      readonly contentType: 'model/gltf-binary' | 'image/png';
      readonly maxBytes: number;
      readonly expectSha256?: Sha256 | undefined;
      readonly signal: AbortSignal;
    },
  ): Promise<{ readonly url: string; readonly sizeBytes: number; readonly sha256: Sha256 }>;
}

/** The largest picture of a file that is stored or fetched. */
export const MAX_PNG_BYTES = 32 * 1024 * 1024;

/** What an entry says of how its file came about. */
export type ResultFacts = Pick<GenerationResult, 'attempts' | 'generation_time'>;

export interface DrawAndStoreOptions extends ResultFacts {
  readonly draw: () => Promise<Drawn>;
  readonly store: DrawnStore;
  readonly maxGlbBytes: number;
  /** The hash that the file must still have when it is stored, where it is known. */
  readonly expectSha256?: Sha256;
  readonly signal: AbortSignal;
}

/**
 * Draws a file, and stores file and picture before anything names them.
 *
 * @returns the file's entry, with a distance of 0, and its picture; no picture where the file is refused.
 * @throws whatever `draw` and the store throw: that is our trouble, and never the file's.
 */
export async function drawAndStore(
  glb: Uint8Array,
  { draw, store, maxGlbBytes, expectSha256, signal, ...facts }: DrawAndStoreOptions,
): Promise<{ readonly result: GenerationResult; readonly grid: Uint8Array | undefined }> {
  const drawn = await draw();
  if (!drawn.ok) return { result: failedResult(drawn, { ...facts, size: glb.byteLength }), grid: undefined };
  const { grid } = drawn;
  const file = await store.put(glb, { contentType: 'model/gltf-binary', maxBytes: maxGlbBytes, expectSha256, signal });
  const png = await store.put(grid, { contentType: 'image/png', maxBytes: MAX_PNG_BYTES, signal });
  const result = {
    ...{ glb: file.url, png: png.url, generation_time: facts.generation_time, size: file.sizeBytes },
    ...{ attempts: facts.attempts, distance: 0, glb_sha256: file.sha256, png_sha256: png.sha256 },
  };
  return { result, grid };
}

/** The entry of an attempt without a usable file; the message is cut to 500 characters. */
export function failedResult(
  { code, message }: { readonly code: string; readonly message: string },
  { attempts, generation_time, size = 0 }: ResultFacts & { readonly size?: number },
): GenerationResult {
  const error = { code, message: message.slice(0, 500) };
  return { glb: null, png: null, generation_time, size, attempts, distance: 0, error };
}
