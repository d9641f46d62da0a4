import { setTimeout as sleep } from 'node:timers/promises';
import { distance } from '@tiltyard/embed';
import type { LightingName, Renderer, ViewSetName } from '@tiltyard/render';
import type { GenerationResult, Rules } from '@tiltyard/schema';
import type { Logger } from '@tiltyard/service-kit';
import { fetchObject, type ObjectStore } from '@tiltyard/store';
import type { Embedders } from './embedders.js';

/** What generated files are measured with. */
export interface MeasurePorts {
  readonly renderer: Renderer;
  readonly store: ObjectStore;
  readonly embedders: Pick<Embedders, 'of'>;
  readonly allowHosts: readonly string[];
  readonly log: Logger;
}

/** How a generated file is looked at: by the round's rules. */
export interface MeasureRules {
  readonly limits: Rules['limits'];
  readonly views: ViewSetName;
  readonly lighting: LightingName;
  /** The embedder's id. */
  readonly embedder: string;
}

const MAX_PNG_BYTES = 32 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 120_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

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
      return await measureOnce(glb, generationSeconds, submitted, rules, ports, signal);
    } catch (error) {
      signal.throwIfAborted();
      ports.log.error({ error, attempt }, 'a generated file cannot be measured now; trying again');
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
  const rendered = await renderer.render(glb, {
    limits: rules.limits,
    views: rules.views,
    lighting: rules.lighting,
    signal,
  });
  if (!rendered.ok) return failedGeneration(generationSeconds, rendered.code, rendered.message, glb.byteLength);
  const limit = rules.limits.max_glb_bytes;
  const file = await store.put(glb, { contentType: 'model/gltf-binary', maxBytes: limit, signal });
  const png = await store.put(rendered.grid, { contentType: 'image/png', maxBytes: MAX_PNG_BYTES, signal });
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
    apart = distance(await embedder.embed(rendered.grid, { signal }), await embedder.embed(theirs, { signal }));
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
