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
  | 'other';

/** What went wrong between us and the chain. Nothing here is ever a miner's fault. */
export type ConnectionFault =
  | { code: 'unreachable'; endpoints: readonly string[]; cause: unknown }
  | { code: 'timeout'; what: string; timeoutMs: number }
  | { code: 'connection_lost'; endpoint: string; what: string }
  | { code: 'closed'; what: string }
  | { code: 'bad_endpoint'; endpoint: string }
  | { code: 'wrong_genesis'; endpoint: string; expected: BlockHash; actual: BlockHash }
  | { code: 'rpc_failed'; what: string; message: string; rpcCode: number };

/** What an endpoint's answer lacks or contradicts. */
export type ReadFault =
  | { code: 'not_finalized'; number: BlockNumber; finalized: BlockNumber }
  | { code: 'unknown_block'; block: BlockNumber | BlockHash }
  | { code: 'state_discarded'; hash: BlockHash }
  | { code: 'runtime_lacks'; kind: 'storage' | 'call' | 'runtime api'; name: string }
  | { code: 'malformed'; what: string; cause: unknown }
  | { code: 'too_many_entries'; what: string; limit: number }
  | { code: 'endpoints_disagree'; number: BlockNumber; answers: Readonly<Record<string, BlockHash>> }
  | { code: 'no_such_subnet'; netuid: number };

/** Why something was not sent: it would have been refused. */
export type PreconditionFault =
  | { code: 'not_registered'; netuid: number; hotkey: Hotkey }
  | { code: 'no_permit'; netuid: number; uid: number }
  | { code: 'too_soon'; netuid: number; uid: number; blocksLeft: number }
  | { code: 'wrong_version_key'; given: bigint; required: bigint }
  | { code: 'too_few_weights'; given: number; required: number }
  | { code: 'unknown_uid'; netuid: number; uid: number }
  | { code: 'bad_weights'; reason: string }
  | { code: 'reveal_in_past'; revealAtBlock: BlockNumber; finalized: BlockNumber }
  | { code: 'commitment_too_long'; sizeBytes: number; maxBytes: number }
  | { code: 'unsigned_extension'; name: string };

/** Why something that was sent did not take effect, or may have. */
export type SubmitFault =
  | { code: 'dispatch_failed'; reason: DispatchReason; error: string; docs: string; block: BlockHash }
  | { code: 'refused'; message: string; customError: number | null }
  | { code: 'outdated'; attempts: number; message: string }
  | { code: 'outcome_unknown'; extrinsic: string; cause: unknown };

/** What is wrong with a timelock ciphertext, key, signature or round. */
export type TimelockFault =
  | { code: 'bad_beacon_key' }
  | { code: 'bad_round'; round: number }
  | { code: 'bad_ciphertext'; reason: string }
  | { code: 'wrong_signature' }
  | { code: 'tampered' };

/** Why a wallet could not be opened. No field ever holds a secret. */
export type WalletFault =
  | { code: 'wallet_missing'; path: string; cause: unknown }
  | { code: 'wallet_malformed'; path: string; field: string; reason: string }
  | { code: 'wallet_encryption_unsupported'; path: string; form: 'ansible-vault' | 'fernet' }
  | { code: 'wallet_password_needed'; path: string }
  | { code: 'wallet_wrong_password'; path: string }
  | { code: 'wallet_mismatch'; path: string; stored: string; derived: string };

export type ChainFault = ConnectionFault | ReadFault | PreconditionFault | SubmitFault | TimelockFault | WalletFault;

/** Every failure of this package. `fault.code` is for programs, the message for people, the fields for both. */
export class ChainError extends Error {
  override readonly name = 'ChainError';

  constructor(readonly fault: ChainFault) {
    super(describe(fault), 'cause' in fault ? { cause: fault.cause } : undefined);
  }

  get code(): ChainFault['code'] {
    return this.fault.code;
  }
}

/** True for a {@link ChainError} with one of the codes; narrows its fault. */
export function isChainFault<C extends ChainFault['code']>(
  error: unknown,
  ...codes: readonly C[]
): error is ChainError & { readonly fault: Extract<ChainFault, { code: C }> } {
  return error instanceof ChainError && (codes as readonly string[]).includes(error.fault.code);
}

function describe(fault: ChainFault): string {
  const { code, ...facts } = fault;
  const said = Object.entries(facts)
    .filter(([key]) => key !== 'cause')
    .map(([key, value]) => `${key} ${plain(value)}`)
    .join(', ');
  const cause = 'cause' in fault && fault.cause instanceof Error ? `: ${fault.cause.message}` : '';
  return `${MEANING[code]} (${code}${said === '' ? '' : `; ${said}`})${cause}`;
}

function plain(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** One sentence per code; the facts follow it in the message. */
const MEANING: Readonly<Record<ChainFault['code'], string>> = {
  unreachable: 'No chain endpoint answers',
  timeout: 'The chain did not answer in time',
  connection_lost: 'The connection to the chain was lost',
  closed: 'The chain client was closed',
  bad_endpoint: 'A chain endpoint must be a ws:// or wss:// URL',
  wrong_genesis: 'The endpoint serves another chain',
  rpc_failed: 'The chain endpoint answered with an error',
  not_finalized: 'The block is not finalized yet',
  unknown_block: 'The endpoint does not know this block',
  state_discarded: 'The endpoint no longer keeps the state of this block; ask an archive node',
  runtime_lacks: "The chain's runtime does not have what this client needs",
  malformed: "The chain's answer does not have the expected shape",
  too_many_entries: 'The chain holds more entries than this client is willing to read',
  endpoints_disagree: 'Endpoints disagree about a finalized block',
  no_such_subnet: 'The subnet does not exist',
  not_registered: 'The hotkey is not registered in the subnet',
  no_permit: 'The hotkey has no validator permit',
  too_soon: 'The rate limit of setting weights has not passed',
  wrong_version_key: 'The version key is older than the subnet requires',
  too_few_weights: 'Fewer weights than the subnet requires',
  unknown_uid: 'The subnet has no such uid',
  bad_weights: 'The weights cannot be expressed on chain',
  reveal_in_past: 'The reveal block has passed',
  commitment_too_long: 'The commitment does not fit',
  unsigned_extension: 'The runtime demands a transaction extension that this client cannot sign',
  dispatch_failed: 'The runtime refused the call',
  refused: 'The transaction pool refused the transaction',
  outdated: 'The transaction stayed outdated after every new signature',
  outcome_unknown: 'The transaction was sent and its fate was not seen; read the chain before sending again',
  bad_beacon_key: "The beacon's public key is not a point of G2",
  bad_round: 'Not a beacon round',
  bad_ciphertext: 'Not a timelock ciphertext',
  wrong_signature: 'The signature does not open this ciphertext',
  tampered: 'The ciphertext was altered',
  wallet_missing: 'The wallet file cannot be read',
  wallet_malformed: 'The wallet file is malformed',
  wallet_encryption_unsupported: 'This old form of wallet encryption is not supported; re-encrypt it with btcli',
  wallet_password_needed: 'The wallet is encrypted and no password was given',
  wallet_wrong_password: 'The password does not open the wallet',
  wallet_mismatch: "The wallet's secret belongs to another address than the file states",
};
