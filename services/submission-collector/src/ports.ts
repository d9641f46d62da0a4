import type { Chain } from '@tiltyard/chain';
import type { Ledger } from '@tiltyard/ledger';
import type { JobQueue, Logger, Notices } from '@tiltyard/service-kit';
import type { FileJob, FileOutcome } from './collect-file.js';
import type { DownloadConfig } from './config.js';
import type { Downloads } from './downloads.js';
import type { MinerTime } from './miner-time.js';
import type { NetworkDoubt } from './network-doubt.js';
import type { PromptPictures } from './prompt-pictures.js';
import type { Turns } from './turns.js';

/** What a tick of the submission-collector works with. */
export interface Ports {
  readonly ledger: Ledger;
  readonly chain: Chain;
  /** For repositories whose config.json has no netuid. */
  readonly netuid: number | undefined;
  readonly files: JobQueue<FileJob, FileOutcome>;
  readonly downloads: Downloads;
  readonly network: NetworkDoubt;
  readonly turns: Turns;
  readonly minerTime: MinerTime;
  readonly pictures: PromptPictures;
  readonly downloadConfig: DownloadConfig;
  readonly log: Logger;
  readonly notices: Notices;
  readonly signal: AbortSignal;
}
