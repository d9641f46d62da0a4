import { isFault } from '@tiltyard/schema';
import { z } from 'zod';
import { BlockHash } from '../block.js';
import { ChainError } from '../chain-error.js';
import type { ChainFault } from '../chain-fault.js';
import { bounded } from '../connection/bounded.js';
import type { Connection } from '../connection/connection.js';
import { faultOf } from '../connection/rpc-fault.js';
import { customErrorOf, poolAnswer } from './pool-answers.js';
import type { SignedTransaction } from './sign-transaction.js';

/** What became of a transaction that was offered to a node. */
export type Offer =
  /** It is in this finalized block. */
  | { readonly kind: 'finalized'; readonly block: BlockHash }
  /** The pool will not take these bytes (any more): a new signature may do. */
  | { readonly kind: 'outdated'; readonly message: string; readonly wasPooled: boolean }
  /** The pool will not take this transaction, however it is signed. */
  | { readonly kind: 'refused'; readonly name: string; readonly error: ChainError }
  /** Not refused, and not seen in a block: the same bytes can be offered again, and `elsewhere` as well. */
  | { readonly kind: 'unseen'; readonly cause: unknown; readonly wasPooled: boolean; readonly elsewhere: boolean };

/** Its fate is unknown: it may be in a pool or a block. */
const unseen = (cause: unknown) => ({ kind: 'unseen' as const, cause, wasPooled: true, elsewhere: false });

/** A word of the pool about a transaction (`TransactionStatus`). Words that decide nothing become null. */
const Status = z
  .union([
    z.object({ finalized: BlockHash }).transform(({ finalized }) => ({ kind: 'finalized' as const, block: finalized })),
    z
      .object({ usurped: z.string() })
      .transform(() => ({ kind: 'outdated' as const, message: 'usurped', wasPooled: true })),
    z.enum(['dropped', 'invalid']).transform((message) => ({ kind: 'outdated' as const, message, wasPooled: true })),
    z.object({ finalityTimeout: z.string() }).transform(() => unseen(new Error('the block was not finalized in time'))),
    z.unknown().transform(() => null),
  ])
  .transform((offer): Offer | null => offer);

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
    const offer = error === null ? Status.parse(value) : unseen(error);
    if (offer !== null) settle(offer);
  };
  const watching = provider.subscribe('author_extrinsicUpdate', 'author_submitAndWatchExtrinsic', [hex], heard);
  try {
    const offer = watching.then(() => settled);
    return await bounded(offer, { what, timeoutMs, signals: [...signals, gone] });
  } catch (error) {
    for (const signal of signals) signal?.throwIfAborted();
    const fault = faultOf(error, endpoint, what);
    // Whatever else went wrong, the bytes may have arrived before it did.
    return isFault(fault, ChainError, 'rpc_failed') ? answered(fault.fault) : unseen(fault);
  } finally {
    // Over a lost connection there is nothing to unsubscribe, and nothing waits for it.
    watching
      .then((id) => provider.unsubscribe('author_extrinsicUpdate', 'author_unwatchExtrinsic', id))
      .catch(() => undefined);
  }
}

/** An answer of the node as an offer. */
function answered(fault: Extract<ChainFault, { code: 'rpc_failed' }>): Offer {
  const { rpcCode, detail } = fault;
  const { name, verdict, advice = '' } = poolAnswer(rpcCode, detail);
  if (verdict === 'stale') return { kind: 'outdated', message: detail, wasPooled: false };
  if (verdict !== 'refused') {
    return { ...unseen(new ChainError(fault)), wasPooled: verdict !== 'later', elsewhere: verdict !== 'held' };
  }
  const customError = customErrorOf(detail);
  return { kind: 'refused', name, error: new ChainError({ code: 'refused', name, advice, detail, customError }) };
}
