import { FaultError } from '@tiltyard/schema';

/** Why a decision could not be made: the input breaks a condition, and no retry helps. */
export type RulesFault =
  | { code: 'seed_not_integer'; seed: number }
  | { code: 'bits_out_of_range'; bits: number; most: number }
  | { code: 'bound_out_of_range'; bound: number }
  | { code: 'sample_larger_than_population'; population: number; wanted: number }
  | { code: 'block_hash_malformed'; hash: string }
  | { code: 'round_out_of_range'; round: number }
  | { code: 'time_malformed'; field: string; value: string }
  | { code: 'threshold_out_of_range'; field: string; value: number }
  | { code: 'image_format_malformed'; format: string; missing: 'hotkey10' | 'tag' }
  | { code: 'commit_malformed'; commit: string }
  | { code: 'side_not_in_order'; side: string }
  | { code: 'build_not_usable'; hotkey: string; status: string }
  | { code: 'no_leader' }
  | { code: 'uid_out_of_range'; uid: number }
  | { code: 'penalties_malformed'; values: readonly number[] };

/** Thrown by the functions of this package. */
export class RulesError extends FaultError<RulesFault> {
  override readonly name = 'RulesError';

  constructor(fault: RulesFault) {
    super(fault, describe(fault));
  }
}

function describe(fault: RulesFault): string {
  switch (fault.code) {
    case 'seed_not_integer':
      return `a seed is a safe integer or a bigint, not ${fault.seed}`;
    case 'bits_out_of_range':
      return `between 1 and ${fault.most} random bits can be drawn at once, not ${fault.bits}`;
    case 'bound_out_of_range':
      return `a draw's upper bound is a safe integer of at least 0, not ${fault.bound}`;
    case 'sample_larger_than_population':
      return `cannot draw ${fault.wanted} from a population of ${fault.population}`;
    case 'block_hash_malformed':
      return `a block hash is 32 bytes in hex, not ${JSON.stringify(fault.hash.slice(0, 80))}`;
    case 'round_out_of_range':
      return `a round is an integer from 0 to 2^32 - 1, not ${fault.round}`;
    case 'time_malformed':
      return `${fault.field} is not a date or time: ${JSON.stringify(fault.value.slice(0, 80))}`;
    case 'threshold_out_of_range':
      return `${fault.field} cannot be ${fault.value}`;
    case 'image_format_malformed':
      return `the image format ${JSON.stringify(fault.format.slice(0, 200))} has no place for ${fault.missing}`;
    case 'commit_malformed':
      return `not a full commit id: ${JSON.stringify(fault.commit.slice(0, 80))}`;
    case 'side_not_in_order':
      return `${fault.side} is not among the round's hotkeys`;
    case 'build_not_usable':
      return `${fault.hotkey} cannot win: its build is ${fault.status}`;
    case 'no_leader':
      return 'the leader cannot defend: leader.json has no entry';
    case 'uid_out_of_range':
      return `not a uid: ${fault.uid}`;
    case 'penalties_malformed':
      return `penalties are finite numbers, at least one a side, not [${fault.values.join(', ')}]`;
  }
}
