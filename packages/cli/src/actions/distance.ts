import {
  DESCRIPTOR_V1,
  DINOV3_MODEL,
  dinov3Id,
  distance as distanceOf,
  EmbedderId,
  EmbedError,
  embedderSpec,
  IMAGE_LIMITS_DEFAULTS,
  openEmbedder,
} from '@tiltyard/embed';
import { CliError, PICTURE_FAULT_CODES } from '../cli-error.js';
import { EXIT } from '../exit-status.js';
import { readInput } from '../files.js';
import { type ModelFolderOptions, modelFolder } from '../options/model-folder.js';
import type { Outcome } from '../outcome.js';
import type { Terminal } from '../terminal/terminal.js';

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
  const embed = (file: string, bytes: Uint8Array) =>
    embedder.embed(bytes, { signal }).catch((error: unknown) => {
      throw ofPicture(file, error);
    });
  const apart = distanceOf(await embed(left, one), await embed(right, other));
  const within = options.max === undefined || apart <= options.max;
  return {
    facts: { distance: apart, embedder: id, ...(options.max === undefined ? {} : { max: options.max, within }) },
    text: String(apart),
    ...(within ? {} : { complaint: `${left} and ${right} are farther apart than ${options.max}` }),
    exitStatus: within ? EXIT.ok : EXIT.no,
  };
}

/** An error that is about one of the pictures, with its name. */
function ofPicture(file: string, error: unknown): unknown {
  if (!(error instanceof EmbedError)) return error;
  const code = PICTURE_FAULT_CODES.find((one) => one === error.code);
  return code === undefined ? error : new CliError({ code, path: file, detail: error.message }, { cause: error });
}

/** An embedder by the id that rules.json names, or `dinov3` for the published weights. @throws CliError `usage`. */
function embedderId(text: string): EmbedderId {
  if (text === 'dinov3' || text === 'dinov3-vits16') return dinov3Id(DINOV3_MODEL.sha256);
  const parsed = EmbedderId.safeParse(text);
  if (parsed.success) return parsed.data;
  const detail = `Unknown --embedder "${text}": use ${DESCRIPTOR_V1}, dinov3 or dinov3-vits16@sha256:…/pre1.`;
  throw new CliError({ code: 'usage', detail });
}
