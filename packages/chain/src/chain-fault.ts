import type { BlockNumber, Hotkey } from '@tiltyard/schema';
import type { BlockHash } from './block.js';

/** Why the runtime refused a call that was included in a block, where a caller can act on it; else `other`. */
export type DispatchReason =
  | 'not_registered'
  | 'no_permit'
  | 'not_enough_stake'
  | 'too_soon'
  | 'wrong_version_key'
  | 'wrong_commit_version'
  | 'too_few_weights'
  | 'unknown_uid'
  | 'duplicate_uid'
  | 'too_many_commits'
  | 'commit_reveal_switched'
  | 'space_exhausted'
  | 'no_such_subnet'
  | 'bad_origin'
  | 'no_funds'
  | 'other';

/** What went wrong between us and the chain. Nothing here is ever a miner's fault. */
export type ConnectionFault =
  | { code: 'unreachable'; endpoints: readonly string[]; cause: unknown }
  | { code: 'timed_out'; what: string; timeoutMs: number }
  | { code: 'connection_lost'; endpoint: string; what: string }
  | { code: 'closed'; what: string }
  | { code: 'bad_endpoint'; endpoint: string }
  | { code: 'wrong_genesis'; endpoint: string; expected: BlockHash; actual: BlockHash }
  | { code: 'rpc_failed'; what: string; detail: string; rpcCode: number };

/** What an endpoint's answer lacks or contradicts. */
export type ReadFault =
  | { code: 'not_finalized'; number: BlockNumber; finalized: BlockNumber }
  | { code: 'unknown_block'; block: BlockNumber | BlockHash }
  | { code: 'state_discarded'; hash: BlockHash }
  | { code: 'runtime_lacks'; kind: 'storage' | 'call' | 'runtime api'; name: string }
  | { code: 'malformed'; what: string; cause: unknown }
  | { code: 'too_many_entries'; what: string; limit: number }
  | { code: 'endpoints_disagree'; number: BlockNumber; answers: Readonly<Record<string, BlockHash>> }
  | {
      code: 'too_few_witnesses';
      number: BlockNumber;
      needed: number;
      /** Hosts. */
      witnesses: readonly string[];
      silent: readonly string[];
      otherChain: readonly string[];
    }
  | { code: 'no_such_subnet'; netuid: number };

/** Why something was not sent: it would have been refused. */
export type PreconditionFault =
  | { code: 'not_registered'; netuid: number; hotkey: Hotkey }
  | { code: 'no_permit'; netuid: number; uid: number }
  | { code: 'too_soon'; netuid: number; uid: number; blocksLeft: number }
  | { code: 'wrong_version_key'; given: bigint; required: bigint }
  | { code: 'too_few_weights'; given: number; required: number }
  | { code: 'unknown_uid'; netuid: number; uid: number }
  | { code: 'bad_weights'; detail: string }
  | { code: 'reveal_in_past'; revealAtBlock: BlockNumber; finalized: BlockNumber }
  | { code: 'commitment_too_long'; sizeBytes: number; maxBytes: number }
  | { code: 'unsigned_extension'; name: string };

/** Why something that was sent did not take effect, or may have. */
export type SubmitFault =
  | { code: 'dispatch_failed'; reason: DispatchReason; error: string; docs: string; block: BlockHash }
  | { code: 'refused'; name: string; advice: string; detail: string; customError: number | null }
  | { code: 'not_taken'; attempts: number; detail: string }
  | { code: 'outdated'; attempts: number; detail: string }
  | { code: 'outcome_unknown'; extrinsic: string; cause: unknown };

/** What is wrong with a timelock ciphertext, key, signature or round. */
export type TimelockFault =
  | { code: 'bad_beacon_key' }
  | { code: 'bad_round'; round: number }
  | { code: 'bad_ciphertext'; detail: string }
  | { code: 'wrong_signature' }
  | { code: 'tampered' };

/** Why a wallet could not be opened. No field ever holds a secret. */
export type WalletFault =
  | { code: 'wallet_missing'; path: string; cause: unknown }
  | { code: 'wallet_malformed'; path: string; field: string; detail: string }
  | { code: 'wallet_encryption_unsupported'; path: string; form: 'ansible-vault' | 'fernet' }
  | { code: 'wallet_password_needed'; path: string }
  | { code: 'wallet_wrong_password'; path: string }
  | { code: 'wallet_mismatch'; path: string; stored: string; derived: string };

export type ChainFault = ConnectionFault | ReadFault | PreconditionFault | SubmitFault | TimelockFault | WalletFault;
