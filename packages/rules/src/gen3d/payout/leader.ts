import { BlockNumber, Hotkey, LEADER } from '@tiltyard/schema';
import type { LeaderEntry, Winner } from '@tiltyard/schema/gen3d';

/** How a defended leader's weight falls, round by round. */
export interface LeaderWeights {
  readonly weightDecay: number;
  readonly weightFloor: number;
}

/** Decimals that a decayed weight is rounded to, so that 1 - 0.2 - 0.2 is 0.6 and not 0.6000000000000001. */
const WEIGHT_DECIMALS = 10;

/**
 * The entry that a round's end appends to leader.json, or undefined when it appends none.
 *
 * A winner that is `leader`, or that has the repository and commit of the last entry in whatever case, has defended: its
 * weight decays to the floor, and at the floor nothing changes. Any other winner leads with weight 1. Nothing is appended when no next round
 * is scheduled, for there is no block from which it could be effective.
 *
 * @param history - leader.json, oldest first.
 * @param nextLatestRevealBlock - `latest_reveal_block` of the next round; undefined when the competition is over.
 * @see docs/rules.md#leader
 */
export function leaderTransition(
  history: readonly LeaderEntry[],
  winner: Winner,
  { weightDecay, weightFloor }: LeaderWeights,
  nextLatestRevealBlock: number | undefined,
): LeaderEntry | undefined {
  if (nextLatestRevealBlock === undefined) return undefined;
  const effective_block = BlockNumber.parse(nextLatestRevealBlock);
  const last = history.at(-1);
  if (winner.winner_hotkey === LEADER || (last !== undefined && isSameSolution(last, winner))) {
    if (last === undefined || last.weight <= weightFloor) return undefined;
    return { ...last, weight: decayed(last.weight, { weightDecay, weightFloor }), effective_block };
  }
  const { repo, commit, docker_image: docker } = winner;
  return { hotkey: Hotkey.parse(winner.winner_hotkey), repo, commit, docker, weight: 1, effective_block };
}

/** A weight after one more defended round: less by the decay, rounded to 10 decimals, never below the floor. */
export function decayed(weight: number, { weightDecay, weightFloor }: LeaderWeights): number {
  return Math.max(weightFloor, roundWeight(weight - weightDecay));
}

/**
 * True when two weights are one once rounded: the running competition's repositories hold decayed weights that were not.
 *
 * @see docs/auditing.md#the-rules, R5
 */
export function isSameWeight(a: number, b: number): boolean {
  return roundWeight(a) === roundWeight(b);
}

/** The leader at a block: the last entry that is effective by then, or undefined before the first. */
export function activeLeaderAt(history: readonly LeaderEntry[], block: number): LeaderEntry | undefined {
  return history.findLast((entry) => entry.effective_block <= block);
}

function roundWeight(weight: number): number {
  return Number(weight.toFixed(WEIGHT_DECIMALS));
}

/** Hex digits and GitHub's owners and names are the same in either case: another spelling is no other code. */
function isSameSolution(entry: LeaderEntry, winner: Winner): boolean {
  const spelled = ({ repo, commit }: Pick<Winner, 'repo' | 'commit'>) => `${repo}@${commit}`.toLowerCase();
  return spelled(entry) === spelled(winner);
}
