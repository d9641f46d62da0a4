/** What an answer of a node's transaction pool means for the one who offers a transaction. */
export type PoolVerdict =
  /** No node will take it, whatever the signature: the cause must be fixed first. */
  | 'refused'
  /** These bytes are no longer current (nonce, era, runtime): a new signature may be taken. */
  | 'stale'
  /** The pool has these bytes, or had them a moment ago: a block may hold them. */
  | 'held'
  /** The pool did not take it now: the same bytes may be taken with another block, or by another node. */
  | 'later'
  /** No table knows it: the bytes may have arrived, and another node may say more. */
  | 'unknown';

/** An answer of the pool: how Substrate or subtensor calls it, and what follows. */
export interface PoolAnswer {
  readonly name: string;
  readonly verdict: PoolVerdict;
  /** What the signer can do, where trying again does not help. */
  readonly advice?: string;
}

/**
 * Every error that `author_submitAndWatchExtrinsic` documents, by its JSON-RPC code; `InvalidTransaction` (1010) has a
 * table of its own.
 * @see https://github.com/paritytech/polkadot-sdk/blob/master/substrate/client/rpc-api/src/author/error.rs
 */
const BY_CODE: Readonly<Record<number, PoolAnswer>> = {
  1001: refused('BadFormat', 'this client does not know the runtime: update it'),
  1002: { name: 'Verification', verdict: 'later' },
  1011: { name: 'UnknownTransaction', verdict: 'later' },
  1012: { name: 'TemporarilyBanned', verdict: 'held' },
  1013: { name: 'AlreadyImported', verdict: 'held' },
  // Another transaction of this nonce is in the pool: the node then counts it, and names the next one.
  1014: { name: 'TooLowPriority', verdict: 'stale' },
  1015: { name: 'CycleDetected', verdict: 'later' },
  1016: { name: 'ImmediatelyDropped', verdict: 'later' },
  1017: refused('UnsupportedKeyType', 'sign with an sr25519 hotkey'),
  1018: { name: 'Unactionable', verdict: 'later' },
  1019: refused('NoTagsProvided', 'the runtime gives this call no place in the pool: report it'),
  1020: { name: 'InvalidBlockId', verdict: 'later' },
  // The node does not know a transaction that comes before it: another node may.
  1021: { name: 'RejectedFutureTransaction', verdict: 'later' },
  1040: { name: 'Other', verdict: 'later' },
};

/**
 * The kinds of `InvalidTransaction`, by the words that a node puts into the answer.
 * @see https://github.com/paritytech/polkadot-sdk/blob/master/substrate/primitives/runtime/src/transaction_validity.rs
 */
const BY_WORDS: readonly (readonly [words: string, PoolAnswer])[] = [
  ['is outdated', { name: 'Stale', verdict: 'stale' }],
  ['ancient birth block', { name: 'AncientBirthBlock', verdict: 'stale' }],
  ['will be valid in the future', { name: 'Future', verdict: 'stale' }],
  // Also how subtensor says "too often".
  ['exhaust the block limits', { name: 'ExhaustsResources', verdict: 'later' }],
  ['implicit data was unable to be calculated', { name: 'IndeterminateImplicit', verdict: 'later' }],
  ['bad signature', refused('BadProof', "the signature is not the hotkey's: check the wallet file")],
  ['call is not expected', refused('Call', 'the chain does not take this call from this account')],
  ['pay some fees', refused('Payment', 'the account cannot pay the fee: fund it')],
  ['labelled as mandatory', refused('BadMandatory', 'the chain does not take this call in a transaction')],
  ['dispatch is mandatory', refused('MandatoryValidation', 'the chain does not take this call in a transaction')],
  ['invalid signing address', refused('BadSigner', 'the chain does not take transactions of this address')],
  ['did not authorize any origin', refused('UnknownOrigin', 'the chain does not take this call from this account')],
];

/**
 * What subtensor's own checks say before a block, as `Custom error: N`; it has never reused a number.
 * @see https://github.com/opentensor/subtensor/blob/main/common/src/transaction_error.rs
 */
const BY_CUSTOM_ERROR: Readonly<Record<number, readonly [name: string, advice: string]>> = {
  0: ['ColdkeySwapAnnounced', 'the coldkey is about to be swapped: wait until that is over'],
  1: ['StakeAmountTooLow', 'the hotkey has less stake than this call takes'],
  2: ['BalanceTooLow', 'the account has too few funds'],
  3: ['SubnetNotExists', 'there is no such subnet: check the netuid'],
  4: ['HotkeyAccountDoesntExist', 'the chain does not know the hotkey: register it'],
  6: ['RateLimitExceeded', 'the rate limit has not passed: try again later'],
  9: ['TransferDisallowed', 'the subnet does not allow it'],
  10: ['HotKeyNotRegisteredInNetwork', 'register the hotkey in the subnet'],
  12: ['ServingRateLimitExceeded', 'the rate limit has not passed: try again later'],
  15: ['InvalidRevealRound', 'the round of the beacon has passed: submit again'],
  16: ['CommitNotFound', 'there is no commit to reveal'],
  17: ['CommitBlockNotInRevealRange', 'the commit cannot be revealed at this block'],
  18: ['InputLengthsUnequal', 'uids and weights must be as many'],
  19: ['UidNotFound', 'the hotkey has no uid in the subnet: register it'],
  255: ['BadRequest', 'the chain does not take this call'],
};

const CUSTOM_ERROR = /custom error: (\d{1,3})\b/i;
/** A node's answer is a sentence; what is longer is not read. */
const MAX_CHARS = 2000;

/**
 * Classifies the error of a node that was offered a transaction. What no table knows is offered again: only time makes it
 * final.
 */
export function poolAnswer(rpcCode: number, message: string): PoolAnswer {
  if (rpcCode !== 1010) return BY_CODE[rpcCode] ?? { name: `error ${rpcCode}`, verdict: 'unknown' };
  const said = message.slice(0, MAX_CHARS).toLowerCase();
  const custom = BY_CUSTOM_ERROR[customErrorOf(message) ?? -1];
  if (custom !== undefined) return refused(...custom);
  return BY_WORDS.find(([words]) => said.includes(words))?.[1] ?? { name: 'InvalidTransaction', verdict: 'later' };
}

/** The number in `Custom error: N`, or null. */
export function customErrorOf(message: string): number | null {
  const number = CUSTOM_ERROR.exec(message.slice(0, MAX_CHARS))?.[1];
  return number === undefined ? null : Number(number);
}

function refused(name: string, advice: string): PoolAnswer {
  return { name, verdict: 'refused', advice };
}
