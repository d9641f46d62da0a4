import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs, isFault, type Secret, Sha256 } from '@tiltyard/schema';
import { EmbedError } from '../embed-error.js';
import { followDownload } from './follow-download.js';
import { type InstalledModel, installedModel } from './model-directory.js';
import { DINOV3_MODEL, type ModelSource } from './pinned-model.js';

export interface FetchModelOptions {
  /** The model directory; made when absent. */
  readonly dir: string;
  /** A Hugging Face token of an account that accepted the model's licence. Sent to the endpoint only; empty for a mirror without. */
  readonly token: Secret;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly receivedBytes: number; readonly totalBytes: number }) => void;
  /** A mirror of huggingface.co. It is not trusted: the sha256 is pinned. */
  readonly endpoint?: string;
  /** What to fetch: the published model, unless a test serves another. */
  readonly model?: ModelSource;
  /** Attempts after failures that may pass: 5xx, 429, a lost connection, silence. */
  readonly attempts?: number;
  /** Silence on the connection that ends an attempt, in milliseconds. */
  readonly idleTimeoutMs?: number;
  /** Wait before the second attempt, in milliseconds; doubled each time. */
  readonly retryDelayMs?: number;
}

export const FETCH_MODEL_DEFAULTS = {
  endpoint: 'https://huggingface.co',
  model: DINOV3_MODEL,
  attempts: 4,
  idleTimeoutMs: 60_000,
  retryDelayMs: 2000,
} as const satisfies Partial<FetchModelOptions>;

type Settings = Required<Omit<FetchModelOptions, 'signal' | 'onProgress'>> &
  Pick<FetchModelOptions, 'signal' | 'onProgress'>;

/**
 * Downloads the pinned DINOv3 weights, once: a model that is already there and whole is left alone.
 *
 * What was received stays next to it as `….partial`, so a next try, in this call or the next, goes on from there. The
 * file takes its place only when its sha256 is the pinned one.
 *
 * @throws {EmbedError} `download_failed` (401 and 403: no access with this token), `model_mismatch`; the signal's reason.
 */
export async function fetchModel(options: FetchModelOptions): Promise<InstalledModel> {
  const settings: Settings = { ...FETCH_MODEL_DEFAULTS, ...options };
  const { dir, model } = settings;
  const installed = installedModel(dir, model.sha256);
  await mkdir(dir, { recursive: true });
  if (
    (await sizeOf(installed.modelFile)) === model.sizeBytes &&
    (await sha256OfFile(installed.modelFile)) === model.sha256
  ) {
    return installed;
  }
  const partial = `${installed.modelFile}.partial`;
  await downloadWithRetries(partial, settings);

  const actual = await sha256OfFile(partial);
  if (actual !== model.sha256) {
    await rm(partial, { force: true });
    throw new EmbedError({ code: 'model_mismatch', file: model.file, expected: model.sha256, actual });
  }
  await rename(partial, installed.modelFile);
  return installed;
}

async function downloadWithRetries(partial: string, settings: Settings): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await download(partial, settings);
      return;
    } catch (error) {
      settings.signal?.throwIfAborted();
      if (attempt >= settings.attempts || !mayPass(error)) throw error;
      const delayMs = backoffMs(attempt, { firstDelayMs: settings.retryDelayMs });
      await sleep(delayMs, undefined, { signal: settings.signal }).catch(() => settings.signal?.throwIfAborted());
    }
  }
}

function mayPass(error: unknown): boolean {
  if (!isFault(error, EmbedError, 'download_failed')) return false;
  const { status } = error.fault;
  return status === undefined || status === 429 || status >= 500;
}

/** Appends what is missing to the partial file; never more than the model's size. */
async function download(partial: string, settings: Settings): Promise<void> {
  const { endpoint, model, token, signal, onProgress, idleTimeoutMs } = settings;
  let received = await sizeOf(partial);
  if (received >= model.sizeBytes) return;

  const url = `${endpoint}/${model.repository}/resolve/${model.revision}/${model.file}`;
  await using body = await followDownload({ url, token, from: received, signal, idleTimeoutMs });
  await using handle = await open(partial, body.resumed ? 'a' : 'w');
  if (!body.resumed) received = 0;
  for await (const chunk of body.chunks) {
    received += chunk.byteLength;
    if (received > model.sizeBytes) {
      await rm(partial, { force: true });
      throw new EmbedError({ code: 'download_failed', url, status: 200, detail: `more than ${model.sizeBytes} bytes` });
    }
    await handle.write(chunk);
    onProgress?.({ receivedBytes: received, totalBytes: model.sizeBytes });
  }
  await handle.sync();
  if (received < model.sizeBytes) {
    throw new EmbedError({
      code: 'download_failed',
      url,
      detail: `cut off at ${received} of ${model.sizeBytes} bytes`,
    });
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

async function sha256OfFile(file: string): Promise<Sha256> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return Sha256.parse(hash.digest('hex'));
}
