import { setTimeout as sleep } from 'node:timers/promises';
import type { BlockHash, Chain, FinalizedHead, Wallet } from '@tiltyard/chain';
import { isLedgerError, type Ledger } from '@tiltyard/ledger';
import { type WeightPlan, weightsAt } from '@tiltyard/rules';
import { BLOCK_SECONDS, BlockNumber, type LeaderHistory, stateFiles } from '@tiltyard/schema';
import { type Logger, lookAgainIn, type NextLook, type Notices, StateError } from '@tiltyard/service-kit';
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

/** Opens the tick: it remembers who led last, so that an unreachable repository does not stop the payments. */
export function openTick(ports: Ports): () => Promise<NextLook> {
  let known: LeaderHistory | undefined;

  async function leaders(): Promise<LeaderHistory> {
    try {
      const snapshot = await ports.ledger.snapshot();
      known = (await snapshot.read(stateFiles.leader)) ?? [];
      return known;
    } catch (error) {
      if (known === undefined || !isLedgerError(error, 'unreachable')) throw error;
      const title = 'The state repository is out of reach; paying the last known leader';
      ports.notices.send({ key: 'ledger', severity: 'warning', title, detail: error.message });
      return known;
    }
  }

  return async () => {
    const { chain, netuid, pace, log, notices } = ports;
    const iteration = AbortSignal.any([ports.signal, AbortSignal.timeout(pace.iterationMs)]);
    try {
      const history = await leaders();
      const head = await chain.finalizedHead();
      const plan = await planAt(chain, netuid, history, head);
      if (plan.kind === 'wait') {
        return lookAgainIn((plan.untilBlock - head.number) * BLOCK_SECONDS, 'a new leader takes effect soon');
      }
      await setAndConfirm(ports, plan, iteration);
      return lookAgainIn(secondsUntilNextSetting(history, head.number, pace), 'weights are set');
    } catch (error) {
      if (ports.signal.aborted) throw error;
      log.error({ error }, 'weights were not set; trying again');
      const detail = error instanceof Error ? error.message : String(error);
      notices.send({ key: 'weights', severity: 'alarm', title: 'Weights were not set', detail });
      return { inMs: pace.retryMs * (0.8 + 0.4 * Math.random()), reason: 'setting weights failed' };
    }
  };
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
      log.info(
        { shares: plan.shares, because: plan.because, block: receipt.block.number, mode: receipt.mode },
        'weights set',
      );
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
