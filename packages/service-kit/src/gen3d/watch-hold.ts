import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchHoldOptions } from '../served-competition.js';
import { obeyHold, readRound } from './round-view.js';

/** An operator's pause takes effect within 30 seconds; a look at the repository takes some of them. */
const HOLD_LOOK_MS = 15_000;

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
