import { open } from 'node:fs/promises';
import type { Sha256 } from '@tiltyard/schema';
import { EmbedError } from '../embed-error.js';
import { sha256Of } from '../embedding-cache.js';
import { buildDinov3 } from './graph.js';
import { looksLikeSafetensors, readSafetensors } from './safetensors.js';

/** A model file larger than this is not ViT-S/16. */
export const MAX_MODEL_BYTES = 256 * 1024 * 1024;

/** An ONNX model and the sha256 of the file that it came from. */
export interface LoadedModel {
  readonly onnx: Uint8Array;
  readonly sha256: Sha256;
}

/**
 * Reads a model file once, checks those very bytes, and makes an ONNX model of them.
 *
 * @param expected - Refuse any file of another sha256.
 * @throws {EmbedError} `bad_model`, `model_mismatch`.
 */
export async function loadModel(file: string, expected?: Sha256): Promise<LoadedModel> {
  const bytes = await readBounded(file);
  const sha256 = sha256Of(bytes);
  if (expected !== undefined && sha256 !== expected) {
    throw new EmbedError({ code: 'model_mismatch', file, expected, actual: sha256 });
  }
  return {
    sha256,
    onnx: looksLikeSafetensors(bytes) ? buildDinov3(readSafetensors(bytes, file), file) : onnxAsIs(bytes, file),
  };
}

/** An entry `location` of a tensor's external_data, in protobuf: key, length 8, text. */
const EXTERNAL_DATA = Buffer.from('\x0a\x08location');

function onnxAsIs(bytes: Uint8Array, file: string): Uint8Array {
  // Weights in other files would not be covered by this file's sha256, which names the embedder.
  if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(EXTERNAL_DATA)) {
    throw new EmbedError({ code: 'bad_model', file, detail: 'its weights are in other files' });
  }
  return bytes;
}

async function readBounded(file: string): Promise<Uint8Array> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    if (size > MAX_MODEL_BYTES) throw new Error(`${size} bytes, at most ${MAX_MODEL_BYTES} are read`);
    return await handle.readFile();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new EmbedError({ code: 'bad_model', file, detail }, { cause });
  }
}
