import { commitmentOf, timelockedIndex } from '../pallets/commitments.js';
import { pulses } from '../pallets/drand.js';
import type { Execution } from '../pallets/pallet-definition.js';
import { subnetEpochIndex, timelockedWeightCommits } from '../pallets/subtensor-storage.js';
import { epochToReveal } from '../pallets/timelocked-weights.js';
import type { Hex } from '../scale/codec.js';

type Reads = Pick<Execution, 'get'>;

/** Something on chain that opens with a round's signature. */
export interface Waiting {
  readonly round: number;
  readonly kind: 'commitment' | 'weights';
  readonly netuid: number;
  readonly hotkey: Hex;
  readonly isSigned: boolean;
  /** Whether the very next block opens it. */
  readonly opensNext: boolean;
}

/** Rounds beyond it would be published after the year 9999; nothing waits for those. */
const LAST_ROUND = 80_000_000_000n;

/** Every commitment and vector of weights that waits for a round. */
export function waitingRounds(state: Reads, netuids: readonly number[]): readonly Waiting[] {
  return [...commitmentRounds(state), ...netuids.flatMap((netuid) => weightRounds(state, netuid))]
    .filter(({ round }) => round > 0n && round <= LAST_ROUND)
    .map(({ round, isEpochDue, ...rest }) => {
      const isSigned = state.get(pulses, round) !== undefined;
      return { ...rest, round: Number(round), isSigned, opensNext: isSigned && isEpochDue };
    });
}

interface Locked {
  readonly round: bigint;
  readonly kind: Waiting['kind'];
  readonly netuid: number;
  readonly hotkey: Hex;
  readonly isEpochDue: boolean;
}

function commitmentRounds(state: Reads): readonly Locked[] {
  return state.get(timelockedIndex).flatMap(([netuid, hotkey]) => {
    const fields = state.get(commitmentOf, netuid, hotkey)?.info.fields ?? [];
    return fields.flatMap((field): Locked[] =>
      field.kind === 'timelocked'
        ? [{ round: field.revealRound, kind: 'commitment', netuid, hotkey, isEpochDue: true }]
        : [],
    );
  });
}

function weightRounds(state: Reads, netuid: number): readonly Locked[] {
  const current = state.get(subnetEpochIndex, netuid);
  const due = epochToReveal(state, netuid);
  const locked: Locked[] = [];
  for (let epoch = due ?? 0n; epoch <= current; epoch += 1n) {
    for (const [hotkey, , , round] of state.get(timelockedWeightCommits, netuid, epoch)) {
      locked.push({ round, kind: 'weights', netuid, hotkey, isEpochDue: epoch === due });
    }
  }
  return locked;
}
