import { DevnetError } from '../errors.js';
import { FEE_RAO } from '../pallets/balances.js';
import type { AccountInfo } from '../pallets/system.js';
import type { Hex } from '../scale/codec.js';
import { eraBirth, isSignedAt, type SignedTransaction } from './signed-transaction.js';

/** What a transaction is checked against. */
export interface TransactionContext {
  /** The block that the transaction would be in. */
  readonly block: number;
  readonly genesisHash: Hex;
  hashOf(block: number): Hex;
  readonly account: AccountInfo;
}

/** Eras back in which a transaction is still recognised as expired rather than forged. */
const RECOGNISED_ERAS = 2048;

/**
 * Checks a transaction as a node does before it takes it: signature and era, then nonce, then funds.
 *
 * An expired era shows as a signature over the hash of an earlier period's block. A Substrate node cannot tell that from
 * a forgery; here it is told apart and answered `Transaction is outdated`, which is what a client must react to by signing
 * again. Throws DevnetError `invalid_transaction`, code 1010.
 */
export function validateTransaction(transaction: SignedTransaction, context: TransactionContext): void {
  if (!isSigned(transaction, context)) {
    throw invalid(wasSigned(transaction, context) ? OUTDATED : 'Transaction has a bad signature');
  }
  if (transaction.nonce < context.account.nonce) throw invalid(OUTDATED);
  if (!transaction.call.paysFee) return;
  if (context.account.providers === 0 || context.account.data.free < FEE_RAO) {
    throw invalid('Inability to pay some fees (e.g. account balance too low)');
  }
}

const OUTDATED = 'Transaction is outdated';

function isSigned(transaction: SignedTransaction, context: TransactionContext): boolean {
  const { era } = transaction;
  const birth = era === undefined ? context.genesisHash : context.hashOf(eraBirth(era, context.block));
  return isSignedAt(transaction, context.genesisHash, birth);
}

function wasSigned(transaction: SignedTransaction, context: TransactionContext): boolean {
  const { era } = transaction;
  if (era === undefined) return false;
  let birth = eraBirth(era, context.block);
  for (let i = 0; i < RECOGNISED_ERAS && birth >= era.period; i++) {
    birth -= era.period;
    if (isSignedAt(transaction, context.genesisHash, context.hashOf(birth))) return true;
  }
  return false;
}

/** A transaction that the runtime does not take, with a node's code 1010. */
function invalid(reason: string): DevnetError {
  return new DevnetError({ code: 'invalid_transaction', rpcCode: 1010, message: 'Invalid Transaction', reason });
}
