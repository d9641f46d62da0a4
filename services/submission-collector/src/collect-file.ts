import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Renderer } from '@tiltyard/render';
import type { GenerationResult, Sha256 } from '@tiltyard/schema';
import type { JobContext } from '@tiltyard/service-kit';
import type { Drawing } from '@tiltyard/service-kit/drawing';
import {
  type Downloaded,
  type DownloadOptions,
  downloadToFile,
  type FailedDownload,
  type HostGate,
  type ObjectStore,
  StoreError,
  sha256Of,
} from '@tiltyard/store';
import type PQueue from 'p-queue';
import type { Connectivity } from './connectivity.js';

/** One file of one miner: where it should be, and how the round's rules want it drawn. */
export interface FileJob {
  readonly url: string;
  readonly drawing: Drawing;
}

/** What became of a file. */
export interface FileOutcome {
  readonly url: string;
  readonly entry: GenerationResult;
  /**
   * Set when the failure may have been our own network's: it counts only once another host has answered since then, by
   * the monotonic clock.
   */
  readonly doubtfulSinceMs: number | undefined;
}

/** What files are collected with. */
export interface FilePorts {
  readonly renderer: Renderer;
  readonly store: ObjectStore;
  readonly connectivity: Connectivity;
  /** Files under way at once for each host, and in all, from the download to the store. */
  readonly gate: HostGate;
  readonly slots: PQueue;
  /** Files that are in memory at once, from being read to being stored. */
  readonly desk: PQueue;
  /** Where downloads lie until they are read; nothing in it outlives the process. */
  readonly folder: string;
  readonly download: Pick<DownloadOptions, 'totalTimeoutMs' | 'allowHosts'>;
  readonly retryPauseMs: number;
}

const TRIES = 2;
const MAX_PNG_BYTES = 32 * 1024 * 1024;

/**
 * Downloads a miner's file, checks and draws it, and stores file and picture before anything names them.
 *
 * What is wrong with the file or its server is an entry with a code that the miner can read. What is wrong on our side
 * (store, renderer, disk) is thrown, so that it is tried again and never becomes the miner's failure.
 *
 * Downloads go to disk: no more files lie there than there are slots, and no more are in memory than the desk has places.
 *
 * @throws StoreError, RenderError, the signal's reason
 */
export async function collectFile(job: FileJob, ports: FilePorts, context: JobContext): Promise<FileOutcome> {
  const { gate, slots } = ports;
  const { signal } = context;
  // A host's turn comes before a slot, so that those who wait for a slow host hold none. The slot is held until the file
  // is stored, so that downloads run no further ahead of the desk than the disk can bear.
  const inSlot = () => slots.add(async () => await collectInSlot(job, ports, context), { signal });
  return await gate.run(job.url, inSlot, signal);
}

async function collectInSlot(job: FileJob, ports: FilePorts, context: JobContext): Promise<FileOutcome> {
  const { connectivity, desk, folder } = ports;
  const { signal, progress } = context;
  const { url } = job;
  const file = path.join(folder, `${randomUUID()}.glb`);
  try {
    const startedMs = performance.now();
    progress('downloading');
    const { download, tries } = await downloadWithRetry(job, file, ports, signal);
    connectivity.observe(url, download);
    if (!download.ok) {
      const entry = failed(tries, 0, download.code, download.message);
      // A time-out is answered by anybody else's answer meanwhile; "no route" only by one that came after it.
      const sinceMs = download.maybeOurs ? performance.now() : startedMs;
      return { url, entry, doubtfulSinceMs: connectivity.isDoubtful(download) ? sinceMs : undefined };
    }
    const entry = await desk.add(() => drawAndStore(job, file, { ...download, tries }, ports, context), { signal });
    return { url, entry, doubtfulSinceMs: undefined };
  } finally {
    await rm(file, { force: true }).catch(() => undefined); // the folder is emptied at the next start
  }
}

type DownloadedFile = Downloaded & { readonly tries: number };

async function drawAndStore(
  { drawing }: FileJob,
  file: string,
  { sha256, sizeBytes, tries }: DownloadedFile,
  { renderer, store }: FilePorts,
  { signal, progress }: JobContext,
): Promise<GenerationResult> {
  progress('drawing');
  const glb = await readWhole(file, sha256);
  const drawn = await renderer.render(glb, { ...drawing, signal });
  if (!drawn.ok) return { ...failed(tries, sizeBytes, drawn.code, drawn.message), glb_sha256: sha256 };

  progress('storing');
  const stored = await store.put(glb, {
    contentType: 'model/gltf-binary',
    maxBytes: drawing.limits.max_glb_bytes,
    expectSha256: sha256,
    signal,
  });
  const png = await store.put(drawn.grid, { contentType: 'image/png', maxBytes: MAX_PNG_BYTES, signal });
  return {
    glb: stored.url,
    png: png.url,
    generation_time: 0,
    size: stored.sizeBytes,
    attempts: tries,
    distance: 0,
    glb_sha256: stored.sha256,
    png_sha256: png.sha256,
  };
}

/** Reads a download back, and makes sure that our disk did not change it: nothing may be refused for what we broke. */
async function readWhole(file: string, expected: Sha256): Promise<Uint8Array> {
  const bytes = await readFile(file);
  const actual = sha256Of(bytes);
  if (actual !== expected) throw new StoreError({ code: 'hash_mismatch', key: undefined, expected, actual });
  return bytes;
}

async function downloadWithRetry({ url, drawing }: FileJob, file: string, ports: FilePorts, signal: AbortSignal) {
  const options = { ...ports.download, maxBytes: drawing.limits.max_glb_bytes, signal };
  let tries = 1;
  let download: Downloaded | FailedDownload = await downloadToFile(url, file, options);
  while (!download.ok && download.retryable && tries < TRIES) {
    await sleep(ports.retryPauseMs, undefined, { signal });
    download = await downloadToFile(url, file, options);
    tries += 1;
  }
  return { download, tries };
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
