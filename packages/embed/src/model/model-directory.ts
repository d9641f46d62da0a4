import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Sha256 } from '@tiltyard/schema';
import { EmbedError } from '../embed-error.js';
import type { Dinov3Spec } from '../engine.js';
import { dinov3Id, type EmbedderId, modelSha256 } from '../interfaces.js';
import type { EmbedderSpec } from '../open-embedder.js';

/** A model that lies ready in a model directory. */
export interface InstalledModel {
  readonly modelFile: string;
  readonly sha256: Sha256;
  readonly embedderId: EmbedderId;
}

/** Where a model lies in a model directory: its name tells its content. */
export function installedModel(dir: string, sha256: Sha256): InstalledModel {
  return { modelFile: path.join(dir, `dinov3-vits16-${sha256}.model`), sha256, embedderId: dinov3Id(sha256) };
}

/**
 * How to open the embedder that a round's rules name.
 *
 * @param options - `modelDir`: where `fetchModel` and `importModel` put models; the rest as in Dinov3Spec.
 * @throws {EmbedError} `bad_model` when the model is not there: fetch or import it first.
 */
export async function embedderSpec(
  id: EmbedderId,
  { modelDir, ...options }: { readonly modelDir: string } & Pick<Dinov3Spec, 'threads' | 'loadTimeoutMs' | 'timeoutMs'>,
): Promise<EmbedderSpec> {
  const sha256 = modelSha256(id);
  if (sha256 === undefined) return 'descriptor-v1';
  const { modelFile } = installedModel(modelDir, sha256);
  try {
    await access(modelFile);
  } catch (cause) {
    throw new EmbedError({ code: 'bad_model', file: modelFile, detail: 'not there; fetch or import it' }, { cause });
  }
  return { kind: 'dinov3', modelFile, sha256, ...options };
}
