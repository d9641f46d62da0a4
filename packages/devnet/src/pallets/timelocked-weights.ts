import { blake2AsHex } from '@polkadot/util-crypto';
import { decryptTimelock } from '@tiltyard/chain';
import { isFault } from '@tiltyard/schema';
import { DevnetError } from '../errors.js';
import { bytes, decode, type Hex, toHex, tuple, u16, u64, vec } from '../scale/codec.js';
import { pulses } from './drand.js';
import { uidOf } from './neurons.js';
import type { Execution } from './pallet-definition.js';
import { applyWeights, isPastRateLimit, requireStake } from './set-weights.js';
import { failSubtensor, timelockedWeightsCommitted, timelockedWeightsRevealed } from './subtensor-events.js';
import {
  commitRevealWeightsEnabled,
  commitRevealWeightsVersion,
  lastUpdate,
  networksAdded,
  revealPeriodEpochs,
  setAtUid,
  subnetEpochIndex,
  type TimelockedCommit,
  timelockedWeightCommits,
} from './subtensor-storage.js';

const MAX_UNREVEALED_PER_EPOCH = 10;

/** What a commit of weights holds: the hotkey's bytes, uids, values, version key. */
const payload = tuple<readonly [Uint8Array, readonly number[], readonly number[], bigint]>(
  bytes,
  vec(u16),
  vec(u16),
  u64,
);

export interface WeightsCommit {
  readonly netuid: number;
  readonly commit: Uint8Array;
  readonly revealRound: bigint;
  readonly version: number;
}

/** Keeps a locked vector of weights until its epoch comes. */
export function commitTimelockedWeights(execution: Execution, hotkey: Hex, commit: WeightsCommit): void {
  const { netuid } = commit;
  if (!execution.get(networksAdded, netuid)) failSubtensor('MechanismDoesNotExist');
  if (!execution.get(commitRevealWeightsEnabled, netuid)) failSubtensor('CommitRevealDisabled');
  if (commit.version !== execution.get(commitRevealWeightsVersion)) failSubtensor('IncorrectCommitRevealVersion');
  const uid = uidOf(execution, netuid, hotkey);
  requireStake(execution, netuid, hotkey);
  if (!isPastRateLimit(execution, netuid, uid)) failSubtensor('CommittingWeightsTooFast');

  const key = [netuid, execution.get(subnetEpochIndex, netuid)] as const;
  const queue = execution.get(timelockedWeightCommits, ...key);
  const own = queue.filter(([who]) => who === hotkey);
  if (own.length >= MAX_UNREVEALED_PER_EPOCH) failSubtensor('TooManyUnrevealedCommits');
  const entry: TimelockedCommit = [hotkey, BigInt(execution.block), commit.commit, commit.revealRound];
  execution.set(timelockedWeightCommits, key, [...queue, entry]);
  setAtUid(execution, lastUpdate, netuid, uid, BigInt(execution.block));
  const hash = blake2AsHex(commit.commit, 256);
  execution.emit(timelockedWeightsCommitted, hotkey, netuid, hash, commit.revealRound);
}

/** The epoch whose commits open now, or undefined while the first is still to come. */
export function epochToReveal(execution: Pick<Execution, 'get'>, netuid: number): bigint | undefined {
  const epoch = execution.get(subnetEpochIndex, netuid) - execution.get(revealPeriodEpochs, netuid);
  return epoch < 0n ? undefined : epoch;
}

/**
 * Opens the commits whose epoch has come and whose round has been signed.
 *
 * A commit that does not open, or opens to a vector that the chain refuses, is dropped, as on the main network: its
 * validator finds no event. A commit whose round is not signed yet waits until its epoch is over.
 */
export function revealTimelockedWeights(execution: Execution, netuid: number): void {
  const epoch = epochToReveal(execution, netuid);
  if (epoch === undefined) return;
  if (epoch > 0n) execution.remove(timelockedWeightCommits, netuid, epoch - 1n);
  const queue = execution.get(timelockedWeightCommits, netuid, epoch);
  if (queue.length === 0) return;
  const waiting = queue.filter((entry) => !reveal(execution, netuid, entry));
  if (waiting.length === queue.length) return;
  if (waiting.length === 0) execution.remove(timelockedWeightCommits, netuid, epoch);
  else execution.set(timelockedWeightCommits, [netuid, epoch], waiting);
}

/** False while the round has no signature. */
function reveal(execution: Execution, netuid: number, [hotkey, , commit, round]: TimelockedCommit): boolean {
  const pulse = execution.get(pulses, round);
  if (pulse === undefined) return false;
  const opened = open(commit, pulse.signature);
  if (opened === undefined) return true;
  const [who, dests, values, versionKey] = opened;
  if (who.length !== 32 || toHex(who) !== hotkey) return true;
  try {
    applyWeights(execution, hotkey, { netuid, dests, weights: values, versionKey });
    execution.emit(timelockedWeightsRevealed, netuid, hotkey);
  } catch (error) {
    if (!isFault(error, DevnetError, 'dispatch_failed')) throw error;
  }
  return true;
}

function open(commit: Uint8Array, signature: Uint8Array) {
  try {
    return decode(payload, decryptTimelock(commit, signature));
  } catch {
    return undefined;
  }
}
