import {
  DESCRIPTOR_V1,
  DINOV3_MODEL,
  dinov3Id,
  distance as distanceOf,
  EmbedderId,
  embedderSpec,
  IMAGE_LIMITS_DEFAULTS,
  openEmbedder,
} from '@tiltyard/embed';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-status.js';
import { readInput } from '../files.js';
import { type ModelFolderOptions, modelFolder } from '../model-folder.js';
import type { Outcome } from '../outcome.js';
import type { Terminal } from '../terminal.js';

export interface DistanceOptions extends ModelFolderOptions {
  readonly embedder: string;
  readonly max?: number;
}

/** How far two pictures are apart to an embedder, 0 to 2. Exit status 1 when that is more than `max`. */
export async function distance(
  left: string,
  right: string,
  options: DistanceOptions,
  terminal: Terminal,
): Promise<Outcome> {
  const id = embedderId(options.embedder);
  const { maxBytes } = IMAGE_LIMITS_DEFAULTS;
  const [one, other] = [await readInput(left, maxBytes, terminal), await readInput(right, maxBytes, terminal)];
  await using embedder = await openEmbedder(await embedderSpec(id, { modelDir: modelFolder(options, terminal) }));
  const { signal } = terminal;
  const apart = distanceOf(await embedder.embed(one, { signal }), await embedder.embed(other, { signal }));
  const within = options.max === undefined || apart <= options.max;
  return {
    facts: { distance: apart, embedder: id, ...(options.max === undefined ? {} : { max: options.max, within }) },
    text: String(apart),
    exitStatus: within ? EXIT.ok : EXIT.no,
  };
}

/** An embedder by the id that rules.json names, or `dinov3` for the published weights. @throws CliError `usage`. */
function embedderId(text: string): EmbedderId {
  if (text === 'dinov3' || text === 'dinov3-vits16') return dinov3Id(DINOV3_MODEL.sha256);
  const parsed = EmbedderId.safeParse(text);
  if (parsed.success) return parsed.data;
  const detail = `--embedder "${text}" is none of ${DESCRIPTOR_V1}, dinov3, dinov3-vits16@sha256:…/pre1.`;
  throw new CliError({ code: 'usage', detail });
}
