import { z } from 'zod';
import { BlockHash } from './block.js';
import { bounded } from './bounded.js';
import { ChainError, isChainFault } from './chain-error.js';
import type { Connection } from './connection.js';
import { faultOf } from './rpc-fault.js';
import type { SignedTransaction } from './sign-transaction.js';

/** What became of a transaction that was offered to a node. */
export type Offer =
  /** It is in this finalized block. */
  | { readonly kind: 'finalized'; readonly block: BlockHash }
  /** The pool will not take these bytes (any more): a new signature may do. */
  | { readonly kind: 'outdated'; readonly message: string; readonly wasPooled: boolean }
  /** The pool will not take this transaction, however it is signed. */
  | { readonly kind: 'refused'; readonly error: ChainError }
  /** Nobody told: it may be in a pool or a block. The same bytes can be offered again. */
  | { readonly kind: 'unseen'; readonly cause: unknown };

/** A word of the pool about a transaction (`TransactionStatus`). Words that decide nothing become null. */
const Status = z
  .union([
    z.object({ finalized: BlockHash }).transform(({ finalized }) => ({ kind: 'finalized' as const, block: finalized })),
    z
      .object({ usurped: z.string() })
      .transform(() => ({ kind: 'outdated' as const, message: 'usurped', wasPooled: true })),
    z.enum(['dropped', 'invalid']).transform((message) => ({ kind: 'outdated' as const, message, wasPooled: true })),
    z.object({ finalityTimeout: z.string() }).transform(() => ({
      kind: 'unseen' as const,
      cause: new Error('the block was not finalized in time'),
    })),
    z.unknown().transform(() => null),
  ])
  .transform((offer): Offer | null => offer);

/** Nonce or era no longer current, or signed for the runtime before an upgrade. */
const STALE = /outdated|ancient birth block|bad signature|bad proof|will be valid in the future|priority is too low/i;
/** The pool has these bytes, had them a moment ago, or has no room at present. */
const LATER = /already imported|temporarily banned|immediately dropped/i;
/** Substrate's errors of `author_…` calls start here; other codes are troubles of the node, not answers of the pool. */
const POOL_CODES = { first: 1000, last: 1099 };

/**
 * Offers a signed transaction to the pool and watches it until it is final or hopeless.
 * Throws the reason of a signal.
 */
export async function offerTransaction(
  connection: Connection,
  { hex }: SignedTransaction,
  { timeoutMs, signals }: { readonly timeoutMs: number; readonly signals: readonly (AbortSignal | undefined)[] },
): Promise<Offer> {
  const { provider, endpoint, gone } = connection;
  const what = 'the fate of a transaction';
  let settle: (offer: Offer) => void = () => undefined;
  const settled = new Promise<Offer>((resolve) => {
    settle = resolve;
  });
  const heard = (error: Error | null, value: unknown) => {
    const offer = error === null ? Status.parse(value) : { kind: 'unseen' as const, cause: error };
    if (offer !== null) settle(offer);
  };
  const watching = provider.subscribe('author_extrinsicUpdate', 'author_submitAndWatchExtrinsic', [hex], heard);
  try {
    const offer = watching.then(() => settled);
    return await bounded(offer, { what, timeoutMs, signals: [...signals, gone] });
  } catch (error) {
    for (const signal of signals) signal?.throwIfAborted();
    const fault = faultOf(error, endpoint, what);
    if (isChainFault(fault, 'rpc_failed') && isOfPool(fault.fault.rpcCode)) return refusal(fault.fault.message, fault);
    return { kind: 'unseen', cause: fault };
  } finally {
    // Over a lost connection there is nothing to unsubscribe, and nothing waits for it.
    watching
      .then((id) => provider.unsubscribe('author_extrinsicUpdate', 'author_unwatchExtrinsic', id))
      .catch(() => undefined);
  }
}

function isOfPool(rpcCode: number): boolean {
  return rpcCode >= POOL_CODES.first && rpcCode <= POOL_CODES.last;
}

function refusal(message: string, cause: unknown): Offer {
  if (LATER.test(message)) return { kind: 'unseen', cause };
  if (STALE.test(message)) return { kind: 'outdated', message, wasPooled: false };
  const custom = /custom error: (\d+)/i.exec(message)?.[1];
  const customError = custom === undefined ? null : Number(custom);
  return { kind: 'refused', error: new ChainError({ code: 'refused', message, customError }) };
}
