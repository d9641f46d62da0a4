import { expectedTimeOf, generationDeadline } from '@tiltyard/rules';
import { BLOCK_SECONDS } from '@tiltyard/schema';
import {
  holdChange,
  lookAgainIn,
  lookAgainLater,
  lookAgainNow,
  type NextLook,
  type RoundView,
  readRound,
} from '@tiltyard/service-kit';
import { collect } from './downloading.js';
import { closeWindow } from './open.js';
import type { Ports } from './ports.js';

/** One step of the stages open, miner_generation and downloading. Returns when to look again. */
export async function tick(ports: Ports): Promise<NextLook> {
  const { ledger } = ports;
  const snapshot = await ledger.snapshot();
  const view = await readRound(snapshot);
  const held = holdChange(view, 'submission-collector');
  if (held !== undefined) {
    await ledger.publish(snapshot.draft().transition(held));
    return lookAgainNow(`the operator's amendment: ${held.stage}`);
  }
  if (view.stage !== 'downloading') ports.downloads.forget();
  switch (view.stage) {
    case 'open':
      return await closeWindow(ports, view);
    case 'miner_generation':
      return await closeGeneration(ports, view);
    case 'downloading':
      return await collect(ports, view);
    default:
      return lookAgainLater(`round ${view.round} is in ${view.stage}`);
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
  await ledger.publish(snapshot.draft().transition({ ...state, stage: 'downloading', next_stage_eta: null }));
  return lookAgainNow();
}
