import { burn, FEE_RAO } from '../pallets/balances.js';
import { newPulse, pulses } from '../pallets/drand.js';
import { nextEpochBlock, startEpochWhenDue } from '../pallets/epochs.js';
import type { Execution } from '../pallets/pallet-definition.js';
import { revealCommitments } from '../pallets/reveal-commitments.js';
import { account, extrinsicFailed, extrinsicSuccess } from '../pallets/system.js';
import { revealTimelockedWeights } from '../pallets/timelocked-weights.js';
import { type DevBeacon, publishedAtMs } from './beacon.js';
import type { BlockExecution } from './block-execution.js';
import { type ChainClock, firstBlockAt, timestampMs } from './chain-clock.js';
import type { SignedTransaction } from './signed-transaction.js';
import { waitingRounds } from './waiting-rounds.js';

/** What stays the same from block to block. */
export interface Runtime {
  readonly clock: ChainClock;
  readonly beacon: DevBeacon;
  readonly netuids: readonly number[];
}

/** Something an operator of the dev chain has done in a block, outside any transaction. */
export type OperatorAction = (execution: BlockExecution) => void;

/**
 * Makes one block: epochs and reveals first, then the operator's action and the transactions, last the beacon's rounds.
 *
 * So a round that is published by this block's time opens things in the next one, as on the main network, where an
 * extrinsic delivers the round. Rounds that nothing waits for are not signed: a signature costs 5 ms, and a day has
 * 28 800 rounds.
 */
export function executeBlock(
  execution: BlockExecution,
  runtime: Runtime,
  transactions: readonly SignedTransaction[],
  action?: OperatorAction,
): void {
  for (const netuid of runtime.netuids) {
    startEpochWhenDue(execution, netuid);
    revealTimelockedWeights(execution, netuid);
  }
  revealCommitments(execution);
  action?.(execution);
  transactions.forEach((transaction, index) => {
    execution.phase = { extrinsic: index };
    applyTransaction(execution, transaction);
  });
  execution.phase = 'finalization';
  signDueRounds(execution, runtime);
}

/**
 * The next block after `head` in which anything happens by itself. Every block before it changes nothing but the height,
 * the hash and the time, so a jump may pass over it.
 */
export function nextEventfulBlock(state: Pick<Execution, 'get'>, runtime: Runtime, head: number): number {
  const epochs = runtime.netuids.map((netuid) => nextEpochBlock(state, netuid));
  const reveals = waitingRounds(state, runtime.netuids).flatMap(({ round, isSigned, opensNext }) => {
    if (opensNext) return [head + 1];
    return isSigned ? [] : [firstBlockAt(runtime.clock, publishedAtMs(round))];
  });
  return Math.max(head + 1, Math.min(...epochs, ...reveals));
}

function applyTransaction(execution: BlockExecution, { signer, call }: SignedTransaction): void {
  const before = execution.get(account, signer);
  execution.set(account, [signer], { ...before, nonce: before.nonce + 1 });
  const feeFault = call.paysFee ? execution.attempt(() => burn(execution, signer, FEE_RAO)) : undefined;
  const fault = feeFault ?? execution.attempt(() => call.dispatch(execution, signer));
  const info = { paysFee: call.paysFee };
  if (fault === undefined) execution.emit(extrinsicSuccess, info);
  else execution.emit(extrinsicFailed, fault, info);
}

function signDueRounds(execution: BlockExecution, { clock, beacon, netuids }: Runtime): void {
  const now = timestampMs(clock, execution.block);
  const due = waitingRounds(execution, netuids)
    .filter(({ round, isSigned }) => !isSigned && publishedAtMs(round) <= now)
    .map(({ round }) => round);
  const rounds = [...new Set(due)].sort((a, b) => a - b);
  if (rounds.length === 0) return;
  for (const round of rounds) execution.set(pulses, [BigInt(round)], beacon.pulse(round));
  execution.emit(newPulse, rounds.map(BigInt));
}
