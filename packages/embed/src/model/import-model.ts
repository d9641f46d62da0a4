import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Sha256 } from '@tiltyard/schema';
import { DINOV3_DEFAULTS } from '../dinov3/engine.js';
import { MAX_MODEL_BYTES } from '../dinov3/load-model.js';
import { ModelProcess } from '../dinov3/model-process.js';
import { EmbedError } from '../embed-error.js';
import { type InstalledModel, installedModel } from './model-directory.js';
import { DINOV3_MODEL } from './pinned-model.js';

/** An imported model, and whether it is the pinned one. */
export interface ImportedModel extends InstalledModel {
  /** False for any other weights: then the competition's rules must name this model's id. */
  readonly pinned: boolean;
}

/**
 * Takes a local model.safetensors, or an ONNX export, into a model directory, after loading it as the embedder would.
 *
 * @param file - Copied, never changed.
 * @param options - `sha256`: refuse any other file.
 * @throws {EmbedError} `bad_model`, `model_mismatch`, `worker_failed`, `timed_out`; then the directory is as before.
 */
export async function importModel(
  file: string,
  { dir, sha256 }: { readonly dir: string; readonly sha256?: Sha256 },
): Promise<ImportedModel> {
  await mkdir(dir, { recursive: true });
  const temporary = path.join(dir, `import-${randomUUID()}.tmp`);
  try {
    await copyBounded(file, temporary);
    const loaded = await loadedSha256(file, temporary, sha256);
    const installed = installedModel(dir, loaded);
    await rename(temporary, installed.modelFile);
    return { ...installed, pinned: loaded === DINOV3_MODEL.sha256 };
  } finally {
    await rm(temporary, { force: true });
  }
}

async function copyBounded(from: string, to: string): Promise<void> {
  try {
    const { size } = await stat(from);
    if (size > MAX_MODEL_BYTES) throw new Error(`${size} bytes, at most ${MAX_MODEL_BYTES} are read`);
    await copyFile(from, to);
    await using handle = await open(to, 'r+');
    await handle.sync();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new EmbedError({ code: 'bad_model', file: from, detail }, { cause });
  }
}

/** Loads the copy in the embedding process. Faults name the file that the user gave. */
async function loadedSha256(file: string, copy: string, sha256: Sha256 | undefined): Promise<Sha256> {
  try {
    const running = await ModelProcess.start({ ...DINOV3_DEFAULTS, modelFile: copy, sha256 });
    await running.stop();
    return running.sha256;
  } catch (error) {
    if (error instanceof EmbedError && 'file' in error.fault) throw new EmbedError({ ...error.fault, file });
    throw error;
  }
}
