import type { Chain } from '@tiltyard/chain';
import type { Ledger } from '@tiltyard/ledger';
import type { Logger, Notices } from '@tiltyard/service-kit';
import type { Collecting } from './collecting.js';
import type { DownloadConfig } from './config.js';

/** What a tick of the submission-collector works with. */
export interface Ports extends Omit<Collecting, typeof Symbol.asyncDispose> {
  readonly ledger: Ledger;
  readonly chain: Chain;
  /** For repositories whose config.json has no netuid. */
  readonly netuid: number | undefined;
  readonly downloadConfig: DownloadConfig;
  readonly log: Logger;
  readonly notices: Notices;
  readonly signal: AbortSignal;
}
