import { expectedTimeOf, generationDeadline } from '@tiltyard/rules/gen3d';
import { BLOCK_SECONDS } from '@tiltyard/schema';
import { stateFiles } from '@tiltyard/schema/gen3d';
import { lookAgainIn, lookAgainNow, type NextLook } from '@tiltyard/service-kit';
import {
  checkChain,
  obeyHold,
  type RoundView,
  readRound,
  requireSupported,
  untilNextStage,
} from '@tiltyard/service-kit/gen3d';
import { collect, takeNotes } from './downloading.js';
import { closeWindow } from './open.js';
import type { Ports } from './ports.js';

/**
 * One step of the stages open, miner_generation and downloading. Returns when to look again.
 *
 * @throws LedgerError, ChainError, StoreError, StateError; nothing was published then.
 */
export async function tick(ports: Ports): Promise<NextLook> {
  const { ledger, chain, files } = ports;
  const snapshot = await ledger.snapshot();
  await snapshot.requireVouched();
  const view = await readRound(snapshot);
  const held = await obeyHold(view, ledger, 'submission-collector');
  if (held !== undefined) return held;
  checkChain(view, chain);
  if (view.stage !== 'downloading') {
    // A pause ends what runs; what had ended before is kept for the time after it.
    takeNotes(ports);
    files.cancelAll();
  }
  switch (view.stage) {
    case 'open':
      // No one should reveal for a round that cannot be played to its end.
      requireSupported(view, 'verification', 'rendering', 'judging');
      return await closeWindow(ports, view);
    case 'miner_generation':
      return await closeGeneration(ports, view);
    case 'downloading':
      return await collect(ports, view);
    default:
      return untilNextStage(view, (await chain.finalizedHead()).timestampMs);
  }
}

/** miner_generation: waits for the deadline block, as an operator may have extended it. */
async function closeGeneration({ ledger, chain, log }: Ports, view: RoundView): Promise<NextLook> {
  const { round, snapshot, schedule, amended, state } = view;
  const head = await chain.finalizedHead();
  const deadline = generationDeadline(schedule, amended) ?? schedule.latest_reveal_block;
  if (head.number < deadline) {
    const eta = expectedTimeOf(deadline, { block: head.number, time: new Date(head.timestampMs) }).toISOString();
    log.debug({ round, deadline, eta }, 'miners generate');
    return lookAgainIn((deadline - head.number) * BLOCK_SECONDS, `generation ends at block ${deadline}`);
  }
  await ledger.publish(
    snapshot.draft().write(stateFiles.state, {}, { ...state, stage: 'downloading', next_stage_eta: null }),
  );
  return lookAgainNow();
}
