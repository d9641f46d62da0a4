import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RenderError, type Renderer, type RenderFault, type RenderResult } from '@tiltyard/render';
import type { Hotkey, Sha256 } from '@tiltyard/schema';
import type { GenerationResult } from '@tiltyard/schema/gen3d';
import type { JobContext } from '@tiltyard/service-kit';
import { type Drawing, drawAndStore, failedResult } from '@tiltyard/service-kit/gen3d';
import {
  type Downloaded,
  type DownloadOptions,
  downloadToFile,
  type FailedDownload,
  type ObjectStore,
  StoreError,
  sha256Of,
} from '@tiltyard/store';
import type { MinerTime } from './miner-time.js';
import type { Doubt, NetworkDoubt } from './network-doubt.js';
import type { Turns } from './turns.js';

/** One file of one miner: where it should be, and how the round's rules want it drawn. */
export interface FileJob {
  readonly hotkey: Hotkey;
  readonly url: string;
  readonly drawing: Drawing;
  /** A file that is not a miner's: its download shows how fast our own network is. */
  readonly witnessUrl: string | undefined;
}

/** What became of a file. */
export interface FileOutcome {
  readonly url: string;
  readonly entry: GenerationResult;
  /** Set when the failure may have been our own network's. */
  readonly doubt: Doubt | undefined;
}

/** What files are collected with. */
export interface FilePorts {
  readonly renderer: Renderer;
  readonly store: ObjectStore;
  readonly network: NetworkDoubt;
  readonly turns: Turns;
  readonly minerTime: MinerTime;
  /** Where downloads lie until they are read; nothing in it outlives the process. */
  readonly folder: string;
  /** Hosts of a local network that may be reached although they are not public. */
  readonly allowHosts: readonly string[];
  readonly retryPauseMs: number;
  /** A try that is over by then costs its miner nothing. */
  readonly freeMs: number;
}

const TRIES = 2;
const OUT_OF_TIME = {
  code: 'out_of_time',
  message: 'the time for all files of a miner was over before the turn of this one',
};

/**
 * Downloads a miner's file, checks and draws it, and stores file and picture before anything names them.
 *
 * What is wrong with the file or its server is an entry with a code that the miner can read. What is wrong on our side
 * (store, renderer, disk) is thrown, so that it is tried again and never becomes the miner's failure.
 *
 * Downloads go to disk. A place is held until the file is stored, so that no more lie there than there are places, and
 * downloads run no further ahead of the desk than the disk can bear.
 *
 * @throws StoreError, RenderError, the signal's reason
 */
export async function collectFile(job: FileJob, ports: FilePorts, context: JobContext): Promise<FileOutcome> {
  return await ports.turns.inPlace(job, () => collectInPlace(job, ports, context), context.signal);
}

async function collectInPlace(job: FileJob, ports: FilePorts, context: JobContext): Promise<FileOutcome> {
  const { network, turns, folder, minerTime } = ports;
  const { signal, progress } = context;
  const { url, hotkey } = job;
  const isSpent = () => minerTime.isSpent(hotkey, job.drawing.limits);
  const certain = (entry: GenerationResult): FileOutcome => ({
    url,
    entry: { ...entry, ...minerTime.costOf(job) },
    doubt: undefined,
  });
  if (isSpent()) return certain(failed(OUT_OF_TIME, 0));
  const file = path.join(folder, `${randomUUID()}.glb`);
  try {
    const startedMs = performance.now();
    progress('downloading');
    const { download, tries } = await downloadWithRetry(job, file, ports, signal);
    if (!download.ok) {
      return { ...certain(failed(download, tries)), doubt: network.doubtOf(download, startedMs) };
    }
    // Others of the miner's files may have used its time up while this one came, or waited for the renderer.
    const draw = async () =>
      isSpent()
        ? failed(OUT_OF_TIME, tries, download.sizeBytes)
        : await drawDownloaded(job, file, { ...download, tries }, ports, context);
    return certain(await turns.atDesk(hotkey, draw, signal));
  } finally {
    await rm(file, { force: true }).catch(() => undefined); // the folder is emptied at the next start
  }
}

type DownloadedFile = Downloaded & { readonly tries: number };

async function drawDownloaded(
  job: FileJob,
  file: string,
  { sha256, tries }: DownloadedFile,
  ports: FilePorts,
  { signal, progress }: JobContext,
): Promise<GenerationResult> {
  progress('drawing');
  const glb = await readWhole(file, sha256);
  const draw = async () => {
    const drawn = await drawCounted(job, glb, ports, signal);
    if (drawn.ok) progress('storing');
    return drawn;
  };
  const { result } = await drawAndStore(glb, {
    ...{ draw, store: ports.store, maxGlbBytes: job.drawing.limits.max_glb_bytes, expectSha256: sha256, signal },
    ...{ attempts: tries, generation_time: 0 },
  });
  return { ...result, glb_sha256: sha256 };
}

/** Draws a file, and counts what that costs its miner. @throws RenderError, the signal's reason */
async function drawCounted(
  job: FileJob,
  glb: Uint8Array,
  { renderer, minerTime }: FilePorts,
  signal: AbortSignal,
): Promise<RenderResult> {
  try {
    const drawn = await renderer.render(glb, { ...job.drawing, signal });
    minerTime.drew(job, drawn.spentMs);
    return drawn;
  } catch (error) {
    const cost = error instanceof RenderError ? costOfFailure(error.fault, job.drawing) : undefined;
    if (cost !== undefined) minerTime.undrawn(job, cost);
    throw error;
  }
}

/** What a drawing that our machine failed has cost: surely, and at most. Undefined where it is not about the file. */
function costOfFailure(fault: RenderFault, { deadlineMs }: Drawing) {
  switch (fault.code) {
    case 'worker_starved':
      return { leastMs: fault.cpuMs, mostMs: fault.wallMs };
    case 'worker_crashed':
      // As by a kernel that is short of memory, whatever the file needed of it: a deadline is the most that one may cost.
      return { leastMs: fault.spentMs, mostMs: deadlineMs };
    default:
      return undefined;
  }
}

/** Reads a download back, and makes sure that our disk did not change it: nothing may be refused for what we broke. */
async function readWhole(file: string, expected: Sha256): Promise<Uint8Array> {
  const bytes = await readFile(file);
  const actual = sha256Of(bytes);
  if (actual !== expected) throw new StoreError({ code: 'hash_mismatch', key: undefined, expected, actual });
  return bytes;
}

async function downloadWithRetry(job: FileJob, file: string, ports: FilePorts, signal: AbortSignal) {
  const { network, minerTime, retryPauseMs } = ports;
  const options = { ...downloadLimits(job), allowHosts: ports.allowHosts, signal };
  for (let tries = 1; ; tries += 1) {
    const startedMs = performance.now();
    const download: Downloaded | FailedDownload = await downloadToFile(job.url, file, options);
    network.observe(job.url, download);
    await chargeTry(job, download, startedMs, ports, signal);
    const isSpent = minerTime.isSpent(job.hotkey, job.drawing.limits);
    if (download.ok || !download.retryable || tries === TRIES || isSpent) return { download, tries };
    await sleep(retryPauseMs, undefined, { signal });
  }
}

/** What a round's rules allow one download. */
function downloadLimits({ drawing: { limits } }: FileJob) {
  return {
    maxBytes: limits.max_glb_bytes,
    totalTimeoutMs: limits.download_seconds * 1000,
    minBytesPerSecond: limits.min_bytes_per_second,
    speedWindowMs: limits.speed_window_seconds * 1000,
  } satisfies DownloadOptions;
}

/**
 * Counts a try's time against its miner, where it shows that our own network was not what made it slow: another host's
 * file came faster meanwhile, or does now.
 */
async function chargeTry(
  { hotkey, url, witnessUrl }: FileJob,
  { transfer }: Downloaded | FailedDownload,
  startedMs: number,
  { network, minerTime, freeMs }: FilePorts,
  signal: AbortSignal,
): Promise<void> {
  if (transfer.waitedMs <= freeMs) return;
  const isProven = () => network.isProvenFaster(url, startedMs, transfer);
  if (!isProven() && witnessUrl !== undefined) await network.probe(witnessUrl, signal);
  if (isProven()) minerTime.downloaded({ hotkey, url }, transfer.waitedMs);
}

function failed(error: { readonly code: string; readonly message: string }, attempts: number, size = 0) {
  return failedResult(error, { attempts, generation_time: 0, size });
}
