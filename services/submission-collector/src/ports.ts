import type { Chain } from '@tiltyard/chain';
import type { Ledger } from '@tiltyard/ledger';
import type { Hotkey, Stem } from '@tiltyard/schema';
import type { JobQueue, Logger, Notices } from '@tiltyard/service-kit';
import type { FileJob, FileOutcome } from './collect-file.js';
import type { DownloadConfig } from './config.js';
import type { Connectivity } from './connectivity.js';
import type { Downloads } from './downloads.js';
import type { MinerTime } from './miner-time.js';
import type { PromptPictures } from './prompt-pictures.js';

/** What a tick of the submission-collector works with. */
export interface Ports {
  readonly ledger: Ledger;
  readonly chain: Chain;
  /** For repositories whose config.json has no netuid. */
  readonly netuid: number | undefined;
  readonly files: JobQueue<FileJob, FileOutcome>;
  readonly downloads: Downloads;
  readonly connectivity: Connectivity;
  readonly minerTime: MinerTime;
  readonly pictures: PromptPictures;
  readonly downloadConfig: DownloadConfig;
  readonly log: Logger;
  readonly notices: Notices;
  readonly signal: AbortSignal;
}

/** One file to be collected. */
export interface FileKey {
  readonly hotkey: Hotkey;
  readonly stem: Stem;
}
