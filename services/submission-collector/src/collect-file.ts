import { setTimeout as sleep } from 'node:timers/promises';
import type { GlbLimits, LightingName, Renderer, ViewSetName } from '@tiltyard/render';
import type { GenerationResult } from '@tiltyard/schema';
import type { JobContext } from '@tiltyard/service-kit';
import {
  type DownloadOptions,
  downloadBytes,
  type FailedDownload,
  type HostGate,
  type ObjectStore,
} from '@tiltyard/store';

/** One file of one miner: where it should be, and what it may be. */
export interface FileJob {
  readonly url: string;
  readonly limits: GlbLimits;
  readonly views: ViewSetName;
  readonly lighting: LightingName;
}

/** An entry of submitted.json; `doubtful` when the failure may have been our network's. */
export interface FileOutcome {
  readonly entry: GenerationResult;
  readonly doubtful: boolean;
}

/** What files are collected with. */
export interface FilePorts {
  readonly renderer: Renderer;
  readonly store: ObjectStore;
  readonly gate: HostGate;
  readonly download: Pick<DownloadOptions, 'totalTimeoutMs' | 'allowHosts'>;
  readonly retryPauseMs: number;
}

const TRIES = 2;
const MAX_PNG_BYTES = 32 * 1024 * 1024;

/**
 * Downloads a miner's file, checks and renders it, and stores file and preview before anything names them.
 *
 * What is wrong with the file or its server is an entry with a code that the miner can read. What is wrong on our side
 * (store, renderer, disk) is thrown, so that it is tried again and never becomes the miner's failure.
 */
export async function collectFile(
  job: FileJob,
  ports: FilePorts,
  { signal, progress }: JobContext,
): Promise<FileOutcome> {
  const { renderer, store, gate } = ports;
  progress('downloading');
  const { download, tries } = await gate.run(job.url, () => downloadWithRetry(job, ports, signal), signal);
  if (!download.ok) {
    const { code, message, maybeOurs } = download;
    return { entry: failed(tries, 0, code, message), doubtful: maybeOurs };
  }
  progress('rendering');
  const { limits, views, lighting } = job;
  const rendered = await renderer.render(download.bytes, { limits, views, lighting, signal });
  if (!rendered.ok) {
    const entry = failed(tries, download.sizeBytes, rendered.code, rendered.message);
    return { entry: { ...entry, glb_sha256: download.sha256 }, doubtful: false };
  }
  progress('storing');
  const glb = await store.put(download.bytes, {
    contentType: 'model/gltf-binary',
    maxBytes: limits.max_glb_bytes,
    expectSha256: download.sha256,
    signal,
  });
  const png = await store.put(rendered.grid, { contentType: 'image/png', maxBytes: MAX_PNG_BYTES, signal });
  const entry: GenerationResult = {
    glb: glb.url,
    png: png.url,
    generation_time: 0,
    size: glb.sizeBytes,
    attempts: tries,
    distance: 0,
    glb_sha256: glb.sha256,
    png_sha256: png.sha256,
  };
  return { entry, doubtful: false };
}

async function downloadWithRetry({ url, limits }: FileJob, ports: FilePorts, signal: AbortSignal) {
  const options = { ...ports.download, maxBytes: limits.max_glb_bytes, signal };
  let tries = 1;
  let download = await downloadBytes(url, options);
  while (isWorthRetrying(download) && tries < TRIES) {
    await sleep(ports.retryPauseMs, undefined, { signal });
    download = await downloadBytes(url, options);
    tries += 1;
  }
  return { download, tries };
}

function isWorthRetrying(download: { readonly ok: boolean } | FailedDownload): boolean {
  return !download.ok && (download as FailedDownload).retryable;
}

function failed(attempts: number, size: number, code: string, message: string): GenerationResult {
  return {
    glb: null,
    png: null,
    generation_time: 0,
    size,
    attempts,
    distance: 0,
    error: { code, message: message.slice(0, 500) },
  };
}
