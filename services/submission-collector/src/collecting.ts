import { mkdir, rm } from 'node:fs/promises';
import type { Ledger } from '@tiltyard/ledger';
import type { Renderer } from '@tiltyard/render';
import { type JobQueue, type Logger, openJobQueue } from '@tiltyard/service-kit';
import { openStore } from '@tiltyard/store';
import { collectFile, type FileJob, type FileOutcome, type FilePorts } from './collect-file.js';
import type { CollectorConfig } from './config.js';
import { type Downloads, openDownloads } from './downloads.js';
import { type MinerTime, openMinerTime } from './miner-time.js';
import { type NetworkDoubt, openNetworkDoubt } from './network-doubt.js';
import { openPromptPictures, type PromptPictures } from './prompt-pictures.js';
import { openTurns, type Turns } from './turns.js';

/** A download this fast costs nothing, so it is not compared with others. */
const FREE_MS = 10_000;

/** What collects files: a store, turns, a folder for what is under way. */
export interface Collecting extends AsyncDisposable {
  readonly files: JobQueue<FileJob, FileOutcome>;
  readonly downloads: Downloads;
  readonly network: NetworkDoubt;
  readonly turns: Turns;
  readonly minerTime: MinerTime;
  readonly pictures: PromptPictures;
}

export interface CollectingOptions {
  readonly config: Pick<CollectorConfig, 'downloads' | 'downloadDir' | 'store' | 'render' | 'publishIntervalMs'>;
  /** Stays open: it is its owner's. */
  readonly renderer: Renderer;
  readonly ledger: Pick<Ledger, 'snapshot'>;
  readonly log: Logger;
  /** Called when a file's job has ended. */
  readonly onSettled: () => void;
}

/**
 * Opens what collects files. The download folder is emptied: what lies there was left by a process that died.
 *
 * @throws StoreError, the file system's errors
 */
export async function openCollecting({
  config,
  renderer,
  ledger,
  log,
  onSettled,
}: CollectingOptions): Promise<Collecting> {
  const { downloads, downloadDir, render } = config;
  await rm(downloadDir, { recursive: true, force: true });
  await mkdir(downloadDir, { recursive: true });
  log.debug({ downloadDir }, 'downloads lie here until they are stored');
  const store = await openStore(config.store);
  // Prompts' pictures may lie in our own store.
  const allowHosts = [...downloads.allowHosts, store.publicHost];
  const network = openNetworkDoubt({ allowHosts, ledger });
  const minerTime = openMinerTime();
  // One more at the desk than are drawn, so that the renderer does not wait for the store. A miner keeps its place while it waits
  // for another miner's file to be drawn, so turns at the desk follow from what was drawn.
  const turns = openTurns({ ...downloads, deskPlaces: render.processes + 1, drawnMs: minerTime.drawnMs });
  const ports: FilePorts = {
    renderer,
    store,
    network,
    turns,
    minerTime,
    folder: downloadDir,
    allowHosts: downloads.allowHosts,
    retryPauseMs: downloads.retryPauseMs,
    freeMs: downloads.freeMs ?? FREE_MS,
  };
  const files = openJobQueue<FileJob, FileOutcome>({
    // Jobs wait for their turns: that is where they are counted.
    concurrency: Number.POSITIVE_INFINITY,
    work: (job, context) => collectFile(job, ports, context),
    onSettled,
  });
  return {
    files,
    downloads: openDownloads(config),
    network,
    turns,
    minerTime,
    pictures: openPromptPictures(store, allowHosts),
    async [Symbol.asyncDispose]() {
      await files[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
