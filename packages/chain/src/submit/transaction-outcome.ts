import type { DispatchError, EventRecord } from '@polkadot/types/interfaces';
import { stringPascalCase } from '@polkadot/util';
import { z } from 'zod';
import { BlockHash, type BlockRef } from '../block.js';
import { ChainError } from '../chain-error.js';
import type { DispatchReason } from '../chain-fault.js';
import { numberOf } from '../connection/block-rpc.js';
import type { Connection } from '../connection/connection.js';
import { readStorage, stateAt } from '../read/state.js';
import { STORAGE } from '../runtime-names.js';
import type { SignedTransaction } from './sign-transaction.js';

const Block = z.object({ block: z.object({ extrinsics: z.array(z.string()) }) });

/** Errors of the runtime, by name, that a caller can act on. */
const REASONS: Readonly<Record<string, DispatchReason>> = {
  BadOrigin: 'bad_origin',
  'Commitments.AccountNotAllowedCommit': 'not_registered',
  'Commitments.SpaceLimitExceeded': 'space_exhausted',
  'SubtensorModule.CommitRevealDisabled': 'commit_reveal_switched',
  'SubtensorModule.CommitRevealEnabled': 'commit_reveal_switched',
  'SubtensorModule.CommittingWeightsTooFast': 'too_soon',
  'SubtensorModule.DuplicateUids': 'duplicate_uid',
  'SubtensorModule.HotKeyNotRegisteredInNetwork': 'not_registered',
  'SubtensorModule.HotKeyNotRegisteredInSubNet': 'not_registered',
  'SubtensorModule.IncorrectCommitRevealVersion': 'wrong_commit_version',
  'SubtensorModule.IncorrectWeightVersionKey': 'wrong_version_key',
  'SubtensorModule.MechanismDoesNotExist': 'no_such_subnet',
  'SubtensorModule.NeuronNoValidatorPermit': 'no_permit',
  'SubtensorModule.NotEnoughStakeToSetWeights': 'not_enough_stake',
  'SubtensorModule.SettingWeightsTooFast': 'too_soon',
  'SubtensorModule.SubnetNotExists': 'no_such_subnet',
  'SubtensorModule.TooManyUnrevealedCommits': 'too_many_commits',
  'SubtensorModule.TxRateLimitExceeded': 'too_soon',
  'SubtensorModule.UidVecContainInvalidOne': 'unknown_uid',
  'SubtensorModule.WeightVecLengthIsLow': 'too_few_weights',
  'Token.FundsUnavailable': 'no_funds',
};

/**
 * Says whether an included transaction took effect, from the events of its block.
 * Throws `dispatch_failed` with the runtime's error by name.
 */
export async function transactionOutcome(
  connection: Connection,
  { hex }: SignedTransaction,
  hash: BlockHash,
): Promise<BlockRef> {
  const { block } = await connection.rpc('chain_getBlock', [hash], Block);
  const index = block.extrinsics.indexOf(hex);
  if (index === -1) throw new ChainError({ code: 'unknown_block', block: hash });
  const { api } = await stateAt(connection, hash);
  const records = (await api.query.system?.events?.()) as unknown as readonly EventRecord[] | undefined;
  const mine = (records ?? []).filter(({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.eqn(index));
  const ended = mine.map(({ event }) => event).find(({ method }) => /^Extrinsic(Success|Failed)$/.test(method));
  if (ended === undefined) {
    throw new ChainError({ code: 'malformed', what: 'System.Events', cause: new Error('no end of the transaction') });
  }
  if (ended.method === 'ExtrinsicFailed') throw dispatchFailure(ended.data[0] as unknown as DispatchError, hash);
  return { number: await numberOf(connection, hash), hash };
}

/** Where a transaction is, as far as finalized blocks tell. */
export type Whereabouts =
  | { readonly kind: 'in_block'; readonly hash: BlockHash }
  /** It can still be included. */
  | { readonly kind: 'open' }
  /** It never will be: its era is over, or another transaction spent its nonce. */
  | { readonly kind: 'never' };

/** Looks for a transaction in the finalized blocks of its era, and says whether it can still come. */
export async function findTransaction(
  connection: Connection,
  { hex, signer, nonce, birth, death }: SignedTransaction,
): Promise<Whereabouts> {
  const state = await stateAt(connection, undefined);
  const head = state.block.number;
  for (let number = birth + 1; number <= Math.min(head, death); number += 1) {
    const hash = await connection.rpc('chain_getBlockHash', [number], BlockHash);
    const { block } = await connection.rpc('chain_getBlock', [hash], Block);
    if (block.extrinsics.includes(hex)) return { kind: 'in_block', hash };
  }
  if (head >= death) return { kind: 'never' };
  const account = await readStorage(state, STORAGE.account, [signer]);
  return { kind: account.nonce > nonce ? 'never' : 'open' };
}

function dispatchFailure(failure: DispatchError, block: BlockHash): ChainError {
  if (!failure.isModule) {
    const error = failure.isToken ? `Token.${failure.asToken.type}` : failure.type;
    return new ChainError({ code: 'dispatch_failed', reason: REASONS[error] ?? 'other', error, docs: '', block });
  }
  const { section, name, docs } = failure.registry.findMetaError(failure.asModule);
  const error = `${stringPascalCase(section)}.${name}`;
  const reason = REASONS[error] ?? 'other';
  return new ChainError({ code: 'dispatch_failed', reason, error, docs: docs.join(' ').trim(), block });
}
