import { accountId, bytes, type Codec, type Hex, struct, tuple, u16, u32, u64, vec, wrapped } from '../scale/codec.js';
import { type CommitmentInfo, commitmentInfo, registration, spaceOf } from './commitment-data.js';
import {
  call,
  constant,
  type Execution,
  errorsOf,
  event,
  field,
  identity,
  type PalletDefinition,
  storageOf,
  twox64Concat,
} from './pallet-definition.js';
import { subnetEpochIndex, uids } from './subtensor-storage.js';

const INDEX = 18;
const ERRORS = {
  TooManyFieldsInCommitmentInfo: 0,
  AccountNotAllowedCommit: 1,
  SpaceLimitExceeded: 2,
  UnexpectedUnreserveLeftover: 3,
} as const;
const fail = errorsOf('Commitments', INDEX, ERRORS);
const MAX_FIELDS = 3;
/** Space that any commitment counts for at least. */
const MIN_SPACE_BYTES = 100;

interface UsageTracker {
  readonly lastEpoch: bigint;
  /** Bytes committed in that epoch. */
  readonly usedSpace: bigint;
}
/** A subnet and a hotkey in it. */
export type SubnetAccount = readonly [netuid: number, hotkey: Hex];
/** A text that opened, and the block at which it did. */
export type Revealed = readonly [text: Uint8Array, block: bigint];

const storage = storageOf('Commitments');
const bySubnetAccount = [identity(u16), twox64Concat(accountId)] as const;
const subnetAccount: Codec<SubnetAccount> = tuple<SubnetAccount>(u16, accountId);

/** Who has a commitment that is still locked. */
export const timelockedIndex = storage.item(
  'TimelockedIndex',
  [],
  wrapped('BTreeSet', vec(subnetAccount), [{ name: 'T', type: subnetAccount.type }]),
  [],
);
export const commitmentOf = storage.optional('CommitmentOf', bySubnetAccount, registration);
const lastCommitment = storage.optional('LastCommitment', bySubnetAccount, u32);
/** The last ten that opened, oldest first. */
export const revealedCommitments = storage.optional(
  'RevealedCommitments',
  bySubnetAccount,
  vec(tuple<Revealed>(bytes, u64)),
);
const usedSpaceOf = storage.optional(
  'UsedSpaceOf',
  bySubnetAccount,
  struct<UsageTracker>('pallet_commitments::types::UsageTracker', { lastEpoch: u64, usedSpace: u64 }),
);
/** Bytes that a hotkey may commit in one epoch. */
const maxSpace = storage.item('MaxSpace', [], u32, 3100);

const committed = event(
  INDEX,
  'Commitment',
  0,
  [field(u16, 'NetUid'), field(accountId, 'T::AccountId')],
  ['netuid', 'who'],
);
const timelockCommitted = event(
  INDEX,
  'TimelockCommitment',
  1,
  [field(u16, 'NetUid'), field(accountId, 'T::AccountId'), field(u64, 'u64')],
  ['netuid', 'who', 'reveal_round'],
);
export const commitmentRevealed = event(
  INDEX,
  'CommitmentRevealed',
  2,
  [field(u16, 'NetUid'), field(accountId, 'T::AccountId')],
  ['netuid', 'who'],
);

/** A hotkey has one commitment a subnet: a new one replaces the old, opened or not. */
function setCommitment(
  execution: Execution,
  who: Hex,
  { netuid, info }: { netuid: number; info: CommitmentInfo },
): void {
  if (execution.get(uids, netuid, who) === undefined) fail('AccountNotAllowedCommit');
  if (info.fields.length > MAX_FIELDS) fail('TooManyFieldsInCommitmentInfo');
  useSpace(execution, netuid, who, info);
  execution.set(commitmentOf, [netuid, who], { deposit: 0n, block: execution.block, info });
  execution.set(lastCommitment, [netuid, who], execution.block);

  const locked = info.fields.find((data) => data.kind === 'timelocked');
  setLocked(execution, [netuid, who], locked !== undefined);
  if (locked === undefined) execution.emit(committed, netuid, who);
  else execution.emit(timelockCommitted, netuid, who, locked.revealRound);
}

function useSpace(execution: Execution, netuid: number, who: Hex, info: CommitmentInfo): void {
  const epoch = execution.get(subnetEpochIndex, netuid);
  const usage = execution.get(usedSpaceOf, netuid, who);
  const before = usage?.lastEpoch === epoch ? usage.usedSpace : 0n;
  const wanted = Math.max(
    MIN_SPACE_BYTES,
    info.fields.reduce((sum, data) => sum + spaceOf(data), 0),
  );
  const usedSpace = before + BigInt(wanted);
  if (usedSpace > BigInt(execution.get(maxSpace))) fail('SpaceLimitExceeded');
  execution.set(usedSpaceOf, [netuid, who], { lastEpoch: epoch, usedSpace });
}

/** Notes whether a hotkey's commitment is still locked. The index is a set, ordered by subnet, then by account. */
export function setLocked(execution: Execution, [netuid, who]: SubnetAccount, locked: boolean): void {
  const before = execution.get(timelockedIndex);
  const others = before.filter(([n, hotkey]) => n !== netuid || hotkey !== who);
  if (!locked && others.length === before.length) return;
  const after = locked ? [...others, [netuid, who] as const] : others;
  execution.set(
    timelockedIndex,
    [],
    after.toSorted(([n, a], [m, b]) => n - m || (a < b ? -1 : 1)),
  );
}

export const commitmentsPallet: PalletDefinition = {
  name: 'Commitments',
  index: INDEX,
  storage: [timelockedIndex, commitmentOf, lastCommitment, revealedCommitments, usedSpaceOf, maxSpace],
  calls: [
    call({
      name: 'set_commitment',
      index: 0,
      args: {
        netuid: field(u16, 'NetUid'),
        info: field(commitmentInfo, 'Box<CommitmentInfo<T::MaxFields>>'),
      },
      paysFee: false,
      run: setCommitment,
    }),
  ],
  events: [committed, timelockCommitted, commitmentRevealed],
  errors: ERRORS,
  constants: [
    constant('MaxFields', u32, MAX_FIELDS),
    constant('InitialDeposit', u64, 0n),
    constant('FieldDeposit', u64, 0n),
  ],
};
