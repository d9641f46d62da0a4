import { setTimeout as sleep } from 'node:timers/promises';
import { distance, EmbedError } from '@tiltyard/embed';
import type { Renderer } from '@tiltyard/render';
import type { GenerationResult } from '@tiltyard/schema/gen3d';
import type { JobContext, Logger, Notices } from '@tiltyard/service-kit';
import type { Drawing } from '@tiltyard/service-kit/drawing';
import { fetchObject, type ObjectStore } from '@tiltyard/store';
import type { Embedders } from './embedders.js';

/** What generated files are measured with. */
export interface MeasurePorts {
  readonly renderer: Renderer;
  readonly store: ObjectStore;
  readonly embedders: Pick<Embedders, 'of'>;
  readonly allowHosts: readonly string[];
  readonly log: Logger;
  readonly notices: Notices;
  readonly hindered: JobContext['hindered'];
}

/** How a generated file is looked at: by the round's rules. */
export interface MeasureRules {
  readonly drawing: Drawing;
  /** The embedder's id. */
  readonly embedder: string;
}

const MAX_PNG_BYTES = 32 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 120_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Failures in a row before an operator hears of it. */
const TELL_AFTER = 3;

/**
 * Checks, renders and stores a generated file, and measures its distance from what was submitted.
 *
 * A file that is refused is the miner's failure. Trouble of ours is tried again until it passes: a distance that could
 * not be measured is no distance, and the attempt is not over before it is known.
 *
 * @param submitted - What to compare with; undefined for a leader's own files, whose distance is 0.
 * @throws the signal's reason
 */
export async function measure(
  glb: Uint8Array,
  generationSeconds: number,
  submitted: GenerationResult | undefined,
  rules: MeasureRules,
  ports: MeasurePorts,
  signal: AbortSignal,
): Promise<GenerationResult> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const measured = await measureOnce(glb, generationSeconds, submitted, rules, ports, signal);
      ports.hindered(undefined);
      return measured;
    } catch (error) {
      signal.throwIfAborted();
      ports.log.error({ error, attempt }, 'a generated file cannot be measured now; trying again');
      if (attempt + 1 >= TELL_AFTER) {
        ports.hindered(`generated files cannot be measured: ${String(error)}`);
        const detail = `${String(error)}. It is tried again, and counts against nobody.`;
        ports.notices.send({ key: 'measure', severity: 'alarm', title: 'Generated files cannot be measured', detail });
      }
      await sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt), undefined, { signal });
    }
  }
}

async function measureOnce(
  glb: Uint8Array,
  generationSeconds: number,
  submitted: GenerationResult | undefined,
  rules: MeasureRules,
  { renderer, store, embedders, allowHosts }: MeasurePorts,
  signal: AbortSignal,
): Promise<GenerationResult> {
  const drawn = await renderer.render(glb, { ...rules.drawing, signal });
  if (!drawn.ok) return failedGeneration(generationSeconds, drawn.code, drawn.message, glb.byteLength);
  const limit = rules.drawing.limits.max_glb_bytes;
  const file = await store.put(glb, { contentType: 'model/gltf-binary', maxBytes: limit, signal });
  const png = await store.put(drawn.grid, { contentType: 'image/png', maxBytes: MAX_PNG_BYTES, signal });
  let apart = 0;
  if (submitted !== undefined) {
    const theirs = await fetchObject(submitted.png ?? '', {
      sha256: submitted.png_sha256,
      maxBytes: MAX_PNG_BYTES,
      timeoutMs: FETCH_TIMEOUT_MS,
      allowHosts: [...allowHosts, store.publicHost],
      signal,
    });
    const embedder = await embedders.of(rules.embedder);
    try {
      apart = distance(await embedder.embed(drawn.grid, { signal }), await embedder.embed(theirs, { signal }));
    } catch (error) {
      // A picture with nothing on it is its file's doing: it will be as blank at the next try.
      if (!(error instanceof EmbedError) || error.fault.code !== 'blank_image') throw error;
      return failedGeneration(generationSeconds, 'degenerate', error.message, glb.byteLength);
    }
  }
  return {
    glb: file.url,
    png: png.url,
    generation_time: generationSeconds,
    size: file.sizeBytes,
    attempts: 1,
    distance: apart,
    glb_sha256: file.sha256,
    png_sha256: png.sha256,
  };
}

/** A result without a usable file. The attempt counts. */
export function failedGeneration(generationSeconds: number, code: string, message: string, size = 0): GenerationResult {
  return {
    glb: null,
    png: null,
    generation_time: generationSeconds,
    size,
    attempts: 1,
    distance: 0,
    error: { code, message: message.slice(0, 500) },
  };
}
