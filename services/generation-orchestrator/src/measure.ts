import { setTimeout as sleep } from 'node:timers/promises';
import { distance, EmbedError } from '@tiltyard/embed';
import type { Renderer } from '@tiltyard/render';
import { backoffMs, isFault } from '@tiltyard/schema';
import type { GenerationResult, Thresholds } from '@tiltyard/schema/gen3d';
import type { JobContext, Logger, Notices } from '@tiltyard/service-kit';
import { drawAndStore, drawingOf, failedResult, MAX_PNG_BYTES } from '@tiltyard/service-kit/gen3d';
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

/** A generated file. */
export interface Generated {
  readonly glb: Uint8Array;
  readonly generationSeconds: number;
  /** What to compare with; undefined for a leader's own files, whose distance is 0. */
  readonly submitted: GenerationResult | undefined;
  /** The round's rules, which this version can carry out. */
  readonly rules: Pick<Thresholds, 'limits' | 'rendering' | 'verification'>;
}

const FETCH_TIMEOUT_MS = 120_000;
/** What goes wrong on our side is tried again until it passes. */
export const RETRY = { firstDelayMs: 1_000, maxDelayMs: 60_000 };
/** Failures in a row before an operator hears of it. */
const TELL_AFTER = 3;

/**
 * Checks, renders and stores a generated file, and measures its distance from what was submitted.
 *
 * A file that is refused is the miner's failure. Trouble of ours is tried again until it passes: a distance that could
 * not be measured is no distance, and the attempt is not over before it is known.
 *
 * @throws the signal's reason
 */
export async function measure(
  file: Generated,
  ports: MeasurePorts,
  { signal }: { readonly signal: AbortSignal },
): Promise<GenerationResult> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const measured = await measureOnce(file, ports, signal);
      ports.hindered(undefined);
      return measured;
    } catch (error) {
      signal.throwIfAborted();
      ports.log.error({ error, attempt }, 'a generated file cannot be measured now; trying again');
      if (attempt + 1 >= TELL_AFTER) {
        ports.hindered(`generated files cannot be measured: ${String(error)}`);
        const detail = `${String(error)}. It is tried again, and is not counted against anyone.`;
        ports.notices.send({ key: 'measure', severity: 'alarm', title: 'Generated files cannot be measured', detail });
      }
      await sleep(backoffMs(attempt + 1, RETRY), undefined, { signal });
    }
  }
}

async function measureOnce(
  { glb, generationSeconds, submitted, rules }: Generated,
  { renderer, store, embedders, allowHosts }: MeasurePorts,
  signal: AbortSignal,
): Promise<GenerationResult> {
  const facts = { attempts: 1, generation_time: generationSeconds };
  const drawing = drawingOf(rules);
  const draw = () => renderer.render(glb, { ...drawing, signal });
  const maxGlbBytes = drawing.limits.max_glb_bytes;
  const { result, grid } = await drawAndStore(glb, { draw, store, maxGlbBytes, signal, ...facts });
  if (grid === undefined || submitted === undefined) return result;
  const theirs = await fetchObject(submitted.png ?? '', {
    sha256: submitted.png_sha256,
    maxBytes: MAX_PNG_BYTES,
    timeoutMs: FETCH_TIMEOUT_MS,
    allowHosts: [...allowHosts, store.publicHost],
    signal,
  });
  const embedder = await embedders.of(rules.verification.embedder);
  try {
    const apart = distance(await embedder.embed(grid, { signal }), await embedder.embed(theirs, { signal }));
    return { ...result, distance: apart };
  } catch (error) {
    // A picture with nothing on it is its file's doing: it will be as blank at the next try.
    if (!isFault(error, EmbedError, 'blank_image')) throw error;
    return failedResult({ code: 'degenerate', message: error.message }, { ...facts, size: glb.byteLength });
  }
}
