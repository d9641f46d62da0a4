import { u8aToHex } from '@polkadot/util';
import { BLOCK_SECONDS, type BlockNumber } from '@tiltyard/schema';
import type { FinalizedHead } from '../block.js';
import type { Beacon, PlainCommitment, Receipt, TimelockedReceipt, TimelockedSubmission } from '../chain.js';
import { ChainError } from '../chain-error.js';
import type { Connection } from '../connection/connection.js';
import type { Session } from '../connection/session.js';
import { encodeCommitmentText } from '../read/commitment-text.js';
import { beaconAt } from '../read/read-beacon.js';
import { readUid } from '../read/read-metagraph.js';
import { type State, stateAt, timestampAt } from '../read/state.js';
import { CALLS } from '../runtime-names.js';
import { encryptTimelock, roundAt, TIMELOCK_OVERHEAD_BYTES } from '../timelock/timelock.js';
import type { Wallet } from '../wallet/wallet.js';
import { callByName } from './sign-transaction.js';
import type { Submitter } from './submitter.js';

/** `BoundedVec<u8, 1024>` of `TimelockEncrypted`. */
const MAX_ENCRYPTED_BYTES = 1024;
/** `Raw0` to `Raw128` hold small values; `BigRaw` up to 512 bytes. */
const MAX_RAW_BYTES = 128;
const MAX_BIG_RAW_BYTES = 512;

/**
 * The beacon round that is current when a block is expected, counted from the finalized head's own clock.
 * Throws `reveal_in_past` for a block that is not above the head.
 */
export function revealRoundFor(revealAtBlock: BlockNumber, head: FinalizedHead, beacon: Beacon): number {
  if (revealAtBlock <= head.number) {
    throw new ChainError({ code: 'reveal_in_past', revealAtBlock, finalized: head.number });
  }
  return roundAt(head.timestampMs + (revealAtBlock - head.number) * BLOCK_SECONDS * 1000, beacon);
}

/** Encrypts a text to a block's beacon round and commits it. */
export async function submitTimelocked(
  session: Session,
  submitter: Submitter,
  { netuid, wallet, text, revealAtBlock, signal }: TimelockedSubmission,
): Promise<TimelockedReceipt> {
  const message = assertTextFits(text);
  const { beacon, head } = await session.read('the beacon', async (connection) => {
    const state = await registeredState(connection, netuid, wallet);
    const [timestampMs, beacon] = await Promise.all([timestampAt(state), beaconAt(state)]);
    return { beacon, head: { ...state.block, timestampMs } };
  });
  const revealRound = revealRoundFor(revealAtBlock, head, beacon);
  const encrypted = u8aToHex(encryptTimelock(beacon.publicKey, revealRound, message));
  const receipt = await submitter.submit({
    what: 'a timelocked commitment',
    wallet,
    signal,
    call: (api) =>
      callByName(api, CALLS.setCommitment, [netuid, { fields: [{ TimelockEncrypted: { encrypted, revealRound } }] }]),
  });
  return { ...receipt, revealRound };
}

/** Commits bytes in clear. */
export async function submitPlain(
  session: Session,
  submitter: Submitter,
  { netuid, wallet, bytes, signal }: PlainCommitment,
): Promise<Receipt> {
  assertFits(bytes.length, MAX_BIG_RAW_BYTES);
  await session.read('registration', (connection) => registeredState(connection, netuid, wallet));
  const field = bytes.length <= MAX_RAW_BYTES ? `Raw${bytes.length}` : 'BigRaw';
  return submitter.submit({
    what: 'a commitment',
    wallet,
    signal,
    call: (api) => callByName(api, CALLS.setCommitment, [netuid, { fields: [{ [field]: u8aToHex(bytes) }] }]),
  });
}

/** The finalized state, in which the wallet's hotkey must be registered. Throws `not_registered`. */
async function registeredState(connection: Connection, netuid: number, { hotkey }: Wallet): Promise<State> {
  const state = await stateAt(connection, undefined);
  if ((await readUid(state, netuid, hotkey)) === null) {
    throw new ChainError({ code: 'not_registered', netuid, hotkey });
  }
  return state;
}

/** A text as it is encrypted. Throws `commitment_too_long` for one that the chain does not hold. */
export function assertTextFits(text: string): Uint8Array {
  const message = encodeCommitmentText(text);
  assertFits(message.length, MAX_ENCRYPTED_BYTES - TIMELOCK_OVERHEAD_BYTES);
  return message;
}

function assertFits(sizeBytes: number, maxBytes: number): void {
  if (sizeBytes > maxBytes) throw new ChainError({ code: 'commitment_too_long', sizeBytes, maxBytes });
}
