import { mkdir, rm } from 'node:fs/promises';
import type { Renderer } from '@tiltyard/render';
import { type JobQueue, type Logger, openJobQueue } from '@tiltyard/service-kit';
import { type FairOptions, type FairQueue, fairQueueClass, hostGate, openStore } from '@tiltyard/store';
import PQueue from 'p-queue';
import { collectFile, type FileJob, type FileOutcome, type FilePorts } from './collect-file.js';
import type { CollectorConfig } from './config.js';
import { type Connectivity, openConnectivity } from './connectivity.js';
import { type MinerTime, openMinerTime } from './miner-time.js';
import { openPromptPictures, type PromptPictures } from './prompt-pictures.js';

/** A file that comes this soon is nobody's burden, and need not be compared with anybody's. */
const FREE_MS = 10_000;

/** What collects files: a store, places in queues, a folder for what is under way. */
export interface Collecting extends AsyncDisposable {
  readonly files: JobQueue<FileJob, FileOutcome>;
  readonly connectivity: Connectivity;
  readonly minerTime: MinerTime;
  readonly pictures: PromptPictures;
}

export interface CollectingOptions {
  readonly config: Pick<CollectorConfig, 'downloads' | 'downloadDir' | 'store' | 'render'>;
  /** Stays open: it is its owner's. */
  readonly renderer: Renderer;
  readonly log: Logger;
  /** Called when a file's job has ended. */
  readonly onSettled: () => void;
}

/**
 * Opens what collects files. The download folder is emptied: what lies there was left by a process that died.
 *
 * @throws StoreError, the file system's errors
 */
export async function openCollecting({ config, renderer, log, onSettled }: CollectingOptions): Promise<Collecting> {
  const { downloads, downloadDir, render } = config;
  await rm(downloadDir, { recursive: true, force: true });
  await mkdir(downloadDir, { recursive: true });
  log.debug({ downloadDir }, 'downloads lie here until they are stored');
  const store = await openStore(config.store);
  // Prompts' pictures may lie in our own store.
  const allowHosts = [...downloads.allowHosts, store.publicHost];
  const connectivity = openConnectivity({ allowHosts });
  const minerTime = openMinerTime();
  const places = (concurrency: number, used: (hotkey: string) => number) =>
    new PQueue<FairQueue, FairOptions>({ concurrency, queueClass: fairQueueClass(used) });
  const ports: FilePorts = {
    renderer,
    store,
    connectivity,
    gate: hostGate({ perHost: downloads.perHost, used: minerTime.usedMs }),
    slots: places(downloads.atOnce, minerTime.usedMs),
    // One more than are drawn, so that the renderer does not wait for the store. Whoever waits for somebody else's file to
    // be drawn has a place all that time: turns here go by what was drawn.
    desk: places(render.processes + 1, minerTime.drawnMs),
    minerTime,
    folder: downloadDir,
    allowHosts: downloads.allowHosts,
    retryPauseMs: downloads.retryPauseMs,
    freeMs: downloads.freeMs ?? FREE_MS,
  };
  const files = openJobQueue<FileJob, FileOutcome>({
    // Jobs wait for their host, a slot and the desk: that is where they are counted.
    concurrency: Number.POSITIVE_INFINITY,
    work: (job, context) => collectFile(job, ports, context),
    onSettled,
  });
  return {
    files,
    connectivity,
    minerTime,
    pictures: openPromptPictures(store, allowHosts),
    async [Symbol.asyncDispose]() {
      await files[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
