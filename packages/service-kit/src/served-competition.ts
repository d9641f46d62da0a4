import type { Ledger, Snapshot } from '@tiltyard/ledger';
import type { Competition } from '@tiltyard/schema';
import type { Logger } from './logger.js';

/** Where a service looks for an operator's pause. */
export interface WatchHoldOptions {
  readonly ledger: Pick<Ledger, 'snapshot' | 'publish'>;
  readonly service: string;
  readonly signal: AbortSignal;
  readonly log: Pick<Logger, 'debug'>;
  /** Called when the competition was paused or resumed: what runs is to end, and the state to be looked at. */
  readonly onChange: () => void;
  readonly everyMs?: number;
}

/** What running a service takes of its competition. */
export interface ServedCompetition {
  readonly competition: Competition;
  /** Round and stage at a snapshot, for the metrics; undefined where it says neither. */
  position(snapshot: Snapshot): Promise<{ readonly round: number; readonly stage: string } | undefined>;
  /** Looks for pauses beside the loop, until the signal. Never rejects. */
  watchHold(options: WatchHoldOptions): Promise<void>;
}
