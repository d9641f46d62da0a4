import { setTimeout as sleep } from 'node:timers/promises';
import { DevnetError } from '@tiltyard/devnet';
import { LedgerError, type Snapshot } from '@tiltyard/ledger';
import { generationDeadline, weightsAt } from '@tiltyard/rules/gen3d';
import { BlockNumber, isFault } from '@tiltyard/schema';
import { type Stage, stateFiles } from '@tiltyard/schema/gen3d';
import { type RoundView, readRound } from '@tiltyard/service-kit/gen3d';
import { request } from 'undici';
import { z } from 'zod';
import { NETUID } from '../../network/chain.js';
import { DevEnvError } from '../../network/dev-env-error.js';
import type { NetworkMiner } from './miners.js';
import type { Network } from './network.js';

/** Where a competition on the local network stands, told whenever it changes. */
export interface DriveProgress {
  readonly round: number;
  readonly stage: Stage;
  /** What is being waited for. */
  readonly note: string;
}

export interface DriveOptions {
  readonly rounds: number;
  /** Who takes part in a round, in the order in which they are to reveal. */
  readonly entrants: (round: number) => readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: DriveProgress) => void;
  /** Without any change of the repository for so long, something is broken. */
  readonly stallMs?: number;
}

type Settings = Required<DriveOptions>;

const DRIVE_DEFAULTS: Pick<Settings, 'stallMs' | 'onProgress'> = { stallMs: 120_000, onProgress: () => {} };
const LOOK_MS = 200;
/** Blocks between two reveals, and from the last of them to the end of the window. */
const REVEAL_SPACING = 5;
const REVEAL_MARGIN = 10;

const MinerStatus = z.object({ round: z.number().nullable(), ready: z.boolean() });

/**
 * Drives time through a competition: commits the miners' submissions, and jumps the chain over hours and days in which
 * nothing happens but waiting. What it waits for it sees in the public repository and at the miners; services know
 * nothing of it.
 *
 * Returns when the last round is over and the next one is open.
 */
export async function driveRounds(network: Network, options: DriveOptions): Promise<void> {
  const driver = new Driver(network, { ...DRIVE_DEFAULTS, ...options });
  for (let round = 0; round < options.rounds; round += 1) await driver.round(round);
}

/** Lets the newest leader take effect: jumps to its block. Services that act on reveals are to be stopped before. */
export async function jumpToNewestLeader(network: Network, signal: AbortSignal): Promise<void> {
  const leaders = (await (await network.ledger.snapshot(signal)).read(stateFiles.leader)) ?? [];
  const block = leaders.at(-1)?.effective_block ?? 0;
  await jumpTo(network, block, signal);
}

/** Waits until the chain's weights are those of the leader in effect. @throws DevEnvError `stalled` */
export async function untilPaid(
  network: Network,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, number>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const weights = await weightsOnChain(network);
    const expected = await expectedWeights(network);
    if (expected !== undefined && areAlike(weights, expected)) return weights;
    if (performance.now() > deadline) {
      throw new DevEnvError({ code: 'stalled', waitingFor: 'the weights on chain', seconds: timeoutMs / 1000 });
    }
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** Each uid's share of what the validator has set. */
async function weightsOnChain({ chain, config: { netuid = NETUID } }: Network): Promise<ReadonlyMap<number, number>> {
  const metagraph = await chain.metagraph(netuid);
  const validator = metagraph.neurons.find((neuron) => neuron.validatorPermit);
  if (validator === undefined) return new Map();
  const raw = await chain.weightsOf(netuid, validator.uid);
  const total = [...raw.values()].reduce((sum, value) => sum + value, 0);
  return new Map([...raw].map(([uid, value]) => [uid, value / total]));
}

/** True when both hold the same shares, up to the chain's 16 bits. */
function areAlike(set: ReadonlyMap<number, number>, expected: ReadonlyMap<number, number>): boolean {
  const isPaid = [...expected].every(([uid, share]) => Math.abs((set.get(uid) ?? 0) - share) < 1e-4);
  return isPaid && set.size === expected.size;
}

/** What the validator is to set by now; undefined while it waits for a new leader. */
async function expectedWeights({
  chain,
  ledger,
  config: { netuid = NETUID },
}: Network): Promise<ReadonlyMap<number, number> | undefined> {
  const head = await chain.finalizedHead();
  const { byHotkey, burnUid } = await chain.metagraph(netuid, head.hash);
  if (burnUid === null) return undefined;
  const plan = weightsAt({
    block: head.number,
    leaders: (await (await ledger.latest()).read(stateFiles.leader)) ?? [],
    uidOf: (hotkey) => byHotkey.get(hotkey)?.uid,
    burnUid,
  });
  return plan.kind === 'set' ? new Map(plan.shares.map(({ uid, weight }) => [uid, weight])) : undefined;
}

class Driver {
  readonly #network: Network;
  readonly #options: Settings;
  #toldCommit = '';

  constructor(network: Network, options: Settings) {
    this.#network = network;
    this.#options = options;
  }

  async round(round: number): Promise<void> {
    const { signal } = this.#options;
    const open = await this.#until('the round to open', ({ round: now, stage }) => now === round && stage === 'open');
    await this.#submit(open);
    this.#tell(open, 'over the reveal window');
    await jumpTo(this.#network, open.schedule.latest_reveal_block + 1, signal);
    const closed = await this.#until(
      'seed, prompts and submissions',
      ({ round: now, stage }) => now > round || stage !== 'open',
    );
    if (closed.round === round && closed.stage === 'miner_generation') {
      this.#tell(closed, 'miners make their files');
      await this.#untilMinersAreReady(round, this.#options.entrants(round));
      const deadline = generationDeadline(closed.schedule, closed.amended) ?? closed.schedule.latest_reveal_block;
      await jumpTo(this.#network, deadline, signal);
    }
    await this.#until('the next round', ({ round: now }) => now > round);
  }

  /** Commits every entrant's submission, to be revealed in their order shortly before the window's end. */
  async #submit({ round, schedule, stage }: RoundView): Promise<void> {
    const { chain, miners, cdns } = this.#network;
    const { entrants, signal } = this.#options;
    const names = entrants(round);
    this.#options.onProgress({ round, stage, note: `${names.length} miners commit their submissions` });
    const submit = async (miner: NetworkMiner, index: number) => {
      const { wallet, repo, commit } = miner;
      const text = JSON.stringify({ repo, commit, cdn_url: cdns.get(miner.name) });
      const beforeEnd = REVEAL_MARGIN + (names.length - index) * REVEAL_SPACING;
      const revealAtBlock = BlockNumber.parse(schedule.latest_reveal_block - beforeEnd);
      await chain.submitTimelocked({ netuid: NETUID, wallet, text, revealAtBlock, signal });
    };
    await Promise.all(
      names.map(async (name, index) => {
        const miner = miners.find((candidate) => candidate.name === name);
        if (miner === undefined)
          throw new DevEnvError({ code: 'bad_option', option: 'entrants', detail: `no miner ${name}` });
        await submit(miner, index);
      }),
    );
  }

  async #untilMinersAreReady(round: number, names: readonly string[]): Promise<void> {
    const { cdns } = this.#network;
    const { signal, stallMs } = this.#options;
    const deadline = performance.now() + stallMs;
    for (const name of names) {
      for (;;) {
        const status = await minerStatus(cdns.get(name) ?? '').catch(() => undefined);
        if (status?.round === round && status.ready) break;
        if (performance.now() > deadline) {
          throw new DevEnvError({ code: 'stalled', waitingFor: `the files of ${name}`, seconds: stallMs / 1000 });
        }
        await sleep(LOOK_MS, undefined, { signal });
      }
    }
  }

  /** Looks at the repository until a condition holds. @throws DevEnvError `stalled` when nothing moves any more */
  async #until(waitingFor: string, holds: (view: RoundView) => boolean): Promise<RoundView> {
    const { signal, stallMs } = this.#options;
    let lastCommit = '';
    let lastChange = performance.now();
    for (;;) {
      signal.throwIfAborted();
      const snapshot = await this.#snapshot();
      if (snapshot !== undefined) {
        const view = await readRound(snapshot);
        if (snapshot.commit !== lastCommit) {
          lastCommit = snapshot.commit;
          lastChange = performance.now();
          this.#tellCommit(snapshot, view);
        }
        if (holds(view)) return view;
      }
      if (performance.now() - lastChange > stallMs) {
        throw new DevEnvError({ code: 'stalled', waitingFor, seconds: stallMs / 1000 });
      }
      await sleep(LOOK_MS, undefined, { signal });
    }
  }

  async #snapshot(): Promise<Snapshot | undefined> {
    try {
      return await this.#network.ledger.snapshot(this.#options.signal);
    } catch (error) {
      if (!isFault(error, LedgerError, 'unreachable')) throw error;
      return undefined;
    }
  }

  /** Tells what the newest commit announces, once. */
  #tellCommit({ commit, message }: Snapshot, view: RoundView): void {
    if (commit === this.#toldCommit) return;
    this.#toldCommit = commit;
    this.#tell(view, message.split('\n\n')[0]?.split('\n').join('; ') ?? '');
  }

  #tell({ round, stage }: RoundView, note: string): void {
    this.#options.onProgress({ round, stage, note });
  }
}

/** Jumps when no transaction is pending: a jump would outdate it. A block that is reached already needs no jump. */
async function jumpTo({ control }: Network, toBlock: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { head } = await control.status(signal);
    if (head.number >= toBlock) return;
    try {
      await control.jump({ toBlock }, signal);
      return;
    } catch (error) {
      const code = isFault(error, DevnetError, 'control_failed') ? error.fault.devnetCode : undefined;
      if (code !== 'transactions_pending' && code !== 'not_ahead') throw error;
      await sleep(LOOK_MS, undefined, { signal });
    }
  }
}

async function minerStatus(cdn: string): Promise<z.infer<typeof MinerStatus>> {
  const { body, statusCode } = await request(`${cdn}/status`, { headersTimeout: 5_000, bodyTimeout: 5_000 });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`status is ${statusCode}`);
  return MinerStatus.parse(JSON.parse(text));
}
