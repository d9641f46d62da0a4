import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BlockHash,
  type Chain,
  ChainError,
  type ChainFault,
  type DispatchReason,
  type FinalizedHead,
  type Wallet,
} from '@tiltyard/chain';
import { type WeightPlan, weightsAt } from '@tiltyard/rules/gen3d';
import { BLOCK_SECONDS, BlockNumber, isFault } from '@tiltyard/schema';
import type { LeaderHistory } from '@tiltyard/schema/gen3d';
import { type Logger, lookAgainIn, type NextLook, type Notices, StateError, type Stuck } from '@tiltyard/service-kit';
import { type Pace, RETRY_JITTER } from './config.js';
import type { ReadLeaders } from './known-leaders.js';

/** What the weight-setter works with. */
export interface Ports {
  readonly readLeaders: ReadLeaders;
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
 * A failure is reported by `stuck` and a notice; only a stop throws.
 *
 * @see docs/rules.md#weights
 */
export async function tick(ports: Ports): Promise<NextLook> {
  const { pace, log, notices } = ports;
  const signal = AbortSignal.any([ports.signal, AbortSignal.timeout(pace.iterationMs)]);
  try {
    return await setWeights(ports, signal);
  } catch (error) {
    if (ports.signal.aborted) throw error;
    if (isFault(error, ChainError, 'too_soon')) {
      // Nothing is wrong: another process of this validator set them, or this one shortly before it was started again.
      log.info({ blocksLeft: error.fault.blocksLeft }, 'weights were set a short while ago');
      return lookAgainIn(error.fault.blocksLeft * BLOCK_SECONDS, 'the rate limit of setting weights');
    }
    if (isFault(error, ChainError, 'dispatch_failed', 'refused') && passesByItself(error.fault)) {
      log.info({ error }, 'weights cannot be set at the moment');
      return { inMs: pace.retryMs, reason: error.message };
    }
    log.error({ error }, 'weights were not set; trying again');
    const detail = error instanceof Error ? error.message : String(error);
    notices.send({ key: 'weights', severity: 'alarm', title: 'Weights were not set', detail });
    const inMs = pace.retryMs * (1 - RETRY_JITTER + 2 * RETRY_JITTER * Math.random());
    return { inMs, reason: 'setting weights failed', stuck: [{ kind: 'weights', reason: detail, retryInMs: inMs }] };
  }
}

/** The chain's own limits: another process of this validator used them up, or they are about to change. */
const PASSING: ReadonlySet<string> = new Set<DispatchReason>([
  'too_soon',
  'too_many_commits',
  'commit_reveal_switched',
]);

/** True for a refusal that passes with time: no one has to act on it. */
function passesByItself(fault: Extract<ChainFault, { code: 'dispatch_failed' | 'refused' }>): boolean {
  return fault.code === 'refused' ? fault.name === 'RateLimitExceeded' : PASSING.has(fault.reason);
}

async function setWeights(ports: Ports, signal: AbortSignal): Promise<NextLook> {
  const { chain, netuid, pace } = ports;
  const { history, doubt } = await ports.readLeaders(signal);
  const stuck: readonly Stuck[] = doubt === undefined ? [] : [{ kind: 'repository', reason: doubt }];
  const head = await chain.finalizedHead();
  const plan = await planAt(chain, netuid, history, head);
  if (plan.kind === 'wait') {
    const seconds = (plan.untilBlock - head.number) * BLOCK_SECONDS;
    return { ...lookAgainIn(seconds, 'a new leader takes effect soon'), stuck };
  }
  await setAndConfirm(ports, plan, signal);
  return { ...lookAgainIn(secondsUntilNextSetting(history, head.number, pace), 'weights are set'), stuck };
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
      const opens = mode === 'committed' ? { opensAtBlock: receipt.expectedRevealBlock } : {};
      log.info({ shares, because, block: receipt.block.number, mode, ...opens }, 'weights set');
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
