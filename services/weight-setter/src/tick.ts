import { setTimeout as sleep } from 'node:timers/promises';
import { type BlockHash, type Chain, type FinalizedHead, isChainFault, type Wallet } from '@tiltyard/chain';
import { isLedgerError, type Ledger, type Snapshot } from '@tiltyard/ledger';
import { type WeightPlan, weightsAt } from '@tiltyard/rules';
import { BLOCK_SECONDS, BlockNumber, type LeaderHistory, stateFiles } from '@tiltyard/schema';
import { type Logger, lookAgainIn, type NextLook, type Notices, StateError, subnetOf } from '@tiltyard/service-kit';
import type { Pace } from './config.js';

/** What the weight-setter works with. */
export interface Ports {
  readonly ledger: Ledger;
  readonly chain: Chain;
  readonly wallet: Wallet;
  readonly netuid: number;
  readonly pace: Pace;
  readonly log: Logger;
  readonly notices: Notices;
  readonly signal: AbortSignal;
}

/** Blocks within which the chain must show that weights were set. */
const CONFIRM_BLOCKS = 3;

/**
 * Sets the weights that follow from leader.json at the finalized block, and confirms them. Returns when to look again:
 * after the interval, when a new leader takes effect, when the rate limit has passed, or soon after a failure.
 *
 * A failure is told by `trouble` and a notice; only being told to stop throws.
 *
 * @see competition.md, section 8
 */
export async function tick(ports: Ports): Promise<NextLook> {
  const { pace, log, notices } = ports;
  const signal = AbortSignal.any([ports.signal, AbortSignal.timeout(pace.iterationMs)]);
  try {
    return await setWeights(ports, signal);
  } catch (error) {
    if (ports.signal.aborted) throw error;
    if (isChainFault(error, 'too_soon')) {
      // Nothing is wrong: another process of this validator set them, or this one shortly before it was started again.
      log.info({ blocksLeft: error.fault.blocksLeft }, 'weights were set a short while ago');
      return lookAgainIn(error.fault.blocksLeft * BLOCK_SECONDS, 'the rate limit of setting weights');
    }
    if (isChainFault(error, 'dispatch_failed') && error.fault.reason === 'too_soon') {
      return { inMs: pace.retryMs, reason: 'somebody else set weights for this hotkey just before' };
    }
    log.error({ error }, 'weights were not set; trying again');
    const detail = error instanceof Error ? error.message : String(error);
    notices.send({ key: 'weights', severity: 'alarm', title: 'Weights were not set', detail });
    const inMs = pace.retryMs * (0.8 + 0.4 * Math.random());
    return { inMs, reason: 'setting weights failed', trouble: detail };
  }
}

async function setWeights(ports: Ports, signal: AbortSignal): Promise<NextLook> {
  const { chain, netuid, pace } = ports;
  const history = await readLeaders(ports, signal);
  const head = await chain.finalizedHead();
  const plan = await planAt(chain, netuid, history, head);
  if (plan.kind === 'wait') {
    return lookAgainIn((plan.untilBlock - head.number) * BLOCK_SECONDS, 'a new leader takes effect soon');
  }
  await setAndConfirm(ports, plan, signal);
  return lookAgainIn(secondsUntilNextSetting(history, head.number, pace), 'weights are set');
}

/**
 * leader.json as it is, or as it was last seen: an unreachable or rewritten repository does not stop the payments.
 *
 * @throws StateError on another chain or subnet than the repository's: its leaders are not ours to pay.
 */
async function readLeaders({ ledger, chain, netuid, notices }: Ports, signal: AbortSignal): Promise<LeaderHistory> {
  let snapshot: Snapshot;
  try {
    snapshot = await ledger.snapshot(signal);
  } catch (error) {
    if (!isLedgerError(error, 'unreachable', 'rewritten', 'no_branch')) throw error;
    const title = 'The state repository cannot be trusted or reached; paying the last known leader';
    notices.send({ key: 'ledger', severity: 'alarm', title, detail: error.message });
    snapshot = await ledger.latest();
  }
  const config = await snapshot.read(stateFiles.config);
  if (config === undefined) throw new StateError({ code: 'missing', path: 'config.json' });
  const theirs = subnetOf({ config }, chain, netuid);
  if (theirs !== netuid) {
    const detail = `netuid is ${theirs}, NETUID is ${netuid}`;
    throw new StateError({ code: 'inconsistent', path: 'config.json', detail });
  }
  return (await snapshot.read(stateFiles.leader)) ?? [];
}

/** The plan for a block, from the metagraph at that block. */
async function planAt(chain: Chain, netuid: number, leaders: LeaderHistory, head: FinalizedHead): Promise<WeightPlan> {
  const metagraph = await chain.metagraph(netuid, head.hash);
  if (metagraph.burnUid === null) {
    const detail = 'the subnet owner has no uid that weight could be burned to';
    throw new StateError({ code: 'inconsistent', path: `subnet ${netuid}`, detail });
  }
  return weightsAt({
    block: head.number,
    leaders,
    uidOf: (hotkey) => metagraph.byHotkey.get(hotkey)?.uid,
    burnUid: metagraph.burnUid,
  });
}

/** Sets the weights and waits until the chain shows that they moved. @throws StateError when it does not in time. */
async function setAndConfirm(
  { chain, wallet, netuid, log }: Ports,
  plan: Extract<WeightPlan, { kind: 'set' }>,
  signal: AbortSignal,
): Promise<void> {
  const weights = new Map(plan.shares.map(({ uid, weight }) => [uid, weight]));
  const receipt = await chain.setWeights({ netuid, wallet, weights, signal });
  const lastBlock = BlockNumber.parse(receipt.block.number + CONFIRM_BLOCKS);
  for (;;) {
    signal.throwIfAborted();
    const head = await chain.finalizedHead();
    if ((await lastUpdate(chain, netuid, wallet, head.hash)) >= receipt.block.number) {
      const { mode } = receipt;
      const { shares, because } = plan;
      log.info({ shares, because, block: receipt.block.number, mode }, 'weights set');
      return;
    }
    if (head.number > lastBlock) {
      const detail = `last_update did not move within ${CONFIRM_BLOCKS} blocks of block ${receipt.block.number}`;
      throw new StateError({ code: 'inconsistent', path: `subnet ${netuid}`, detail });
    }
    await sleep(1000, undefined, { signal });
  }
}

async function lastUpdate(chain: Chain, netuid: number, wallet: Wallet, at: BlockHash): Promise<number> {
  const { byHotkey } = await chain.metagraph(netuid, at);
  return byHotkey.get(wallet.hotkey)?.lastUpdate ?? -1;
}

/** The usual interval, or less when another leader takes effect before. */
function secondsUntilNextSetting(leaders: LeaderHistory, block: number, { intervalMs }: Pace): number {
  const next = leaders.find((entry) => entry.effective_block > block);
  const untilNext = next === undefined ? Number.POSITIVE_INFINITY : (next.effective_block - block) * BLOCK_SECONDS;
  return Math.min(intervalMs / 1000, untilNext);
}
