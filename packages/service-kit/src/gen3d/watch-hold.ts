import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from '@tiltyard/ledger';
import type { ServiceName } from '@tiltyard/schema/gen3d';
import type { Logger } from '../logger.js';
import { obeyHold, readRound } from './round-view.js';

/** An operator's pause takes effect within 30 seconds; a look at the repository takes some of them. */
const HOLD_LOOK_MS = 15_000;

export interface WatchHoldOptions {
  readonly ledger: Pick<Ledger, 'snapshot' | 'publish'>;
  readonly service: ServiceName;
  readonly signal: AbortSignal;
  readonly log: Pick<Logger, 'debug'>;
  /** Called when the competition was paused or taken up again: what runs is to end, and the state to be looked at. */
  readonly onChange: () => void;
  readonly everyMs?: number;
}

/**
 * Looks for pauses and resumes in parallel to the loop, whose pauses and ticks may be long: obeys the amendment where the stage
 * is this service's own, and reports it in every stage. What cannot be read is left to the next tick to report.
 */
export async function watchHold(options: WatchHoldOptions): Promise<void> {
  const { ledger, service, signal, log, onChange, everyMs = HOLD_LOOK_MS } = options;
  let wasPaused: boolean | undefined;
  while (!signal.aborted) {
    try {
      const snapshot = await ledger.snapshot(signal);
      await snapshot.requireVouched();
      const view = await readRound(snapshot);
      const obeyed = await obeyHold(view, ledger, service);
      const isPaused = (view.stage === 'paused') !== (obeyed !== undefined);
      if (obeyed !== undefined || (wasPaused ?? isPaused) !== isPaused) onChange();
      wasPaused = isPaused;
    } catch (error) {
      log.debug({ error }, 'no look for a pause was possible');
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
