import { BLOCK_SECONDS, type Hotkey } from '@tiltyard/schema';
import type { LeaderEntry } from '@tiltyard/schema/gen3d';
import { RulesError } from '../../rules-error.js';
import { activeLeaderAt } from './leader.js';

/** How close a new leader must be to be waited for. */
const WAIT_SECONDS = 25 * 60;

/** The chain as far as weights depend on it. */
export interface WeightFacts {
  readonly block: number;
  /** leader.json, oldest first. */
  readonly leaders: readonly LeaderEntry[];
  /** The uid that a hotkey holds in the metagraph now, or undefined when it is not registered. */
  readonly uidOf: (hotkey: Hotkey) => number | undefined;
  /** The subnet owner's uid, which weight is burned to. */
  readonly burnUid: number;
}

/** One uid's share; shares add up to 1. */
export interface WeightShare {
  readonly uid: number;
  readonly weight: number;
}

/** Why everything is burned, or that it is not. */
export type WeightReason = 'leader' | 'no_leader' | 'leader_is_owner' | 'leader_not_registered';

/** Weights to set now, or the block to wait for. */
export type WeightPlan =
  | { readonly kind: 'set'; readonly shares: readonly WeightShare[]; readonly because: WeightReason }
  | { readonly kind: 'wait'; readonly untilBlock: number };

/**
 * The weights that a validator sets: the leader gets its weight, the rest is burned; all of it when there is no leader, the
 * leader is the owner itself, or it is not registered.
 *
 * When another entry takes effect within 25 minutes, waiting for it is better: weights can only be set every so often, and
 * those of the old leader would hold on.
 *
 * @throws {RulesError} `uid_out_of_range`.
 * @see docs/rules.md#weights
 */
export function weightsAt({ block, leaders, uidOf, burnUid }: WeightFacts): WeightPlan {
  const waitBlocks = WAIT_SECONDS / BLOCK_SECONDS;
  const next = leaders.find((entry) => entry.effective_block > block && entry.effective_block <= block + waitBlocks);
  if (next !== undefined) return { kind: 'wait', untilBlock: next.effective_block };

  checkUid(burnUid);
  const burn = (because: WeightReason): WeightPlan => ({ kind: 'set', shares: [{ uid: burnUid, weight: 1 }], because });
  const leader = activeLeaderAt(leaders, block);
  if (leader === undefined) return burn('no_leader');
  const uid = uidOf(leader.hotkey);
  if (uid === undefined) return burn('leader_not_registered');
  checkUid(uid);
  if (uid === burnUid) return burn('leader_is_owner');
  const shares = [
    { uid, weight: leader.weight },
    { uid: burnUid, weight: 1 - leader.weight },
  ].filter((share) => share.weight > 0);
  return { kind: 'set', shares, because: 'leader' };
}

function checkUid(uid: number): void {
  if (!Number.isInteger(uid) || uid < 0 || uid > 65_535) throw new RulesError({ code: 'uid_out_of_range', uid });
}
