import { DevnetError } from '../errors.js';
import type { SignedTransaction } from '../runtime/signed-transaction.js';
import type { Hex } from '../scale/codec.js';

/** What becomes of a submitted transaction, as `author_submitAndWatchExtrinsic` reports it. */
export type TransactionStatus =
  | 'ready'
  | 'future'
  | 'invalid'
  | 'dropped'
  | { readonly inBlock: Hex }
  | { readonly finalized: Hex };

export type Watcher = (status: TransactionStatus) => void;

export interface PoolEntry {
  readonly transaction: SignedTransaction;
  readonly watcher: Watcher | undefined;
  /** The head when it came. */
  readonly since: number;
}

const LIMIT = 8192;
/** Blocks for which a transaction whose nonce is too high waits for those before it. */
const LONGEVITY_BLOCKS = 64;

/** Transactions that are checked and wait for a block. */
export class TransactionPool {
  #entries: readonly PoolEntry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  get pending(): readonly Hex[] {
    return this.#entries.map(({ transaction }) => transaction.bytes);
  }

  /** Throws DevnetError `invalid_transaction`: 1013 for a duplicate, 1014 for a second one of a nonce, 1016 when full. */
  add(entry: PoolEntry): void {
    const { hash, signer, nonce } = entry.transaction;
    if (this.#entries.some(({ transaction }) => transaction.hash === hash)) {
      throw refused(1013, 'Transaction is already imported', 'the pool holds it');
    }
    if (this.#entries.some(({ transaction }) => transaction.signer === signer && transaction.nonce === nonce)) {
      throw refused(
        1014,
        'Priority is too low: (0 vs 0)',
        'The transaction has too low priority to replace another transaction already in the pool.',
      );
    }
    if (this.#entries.length >= LIMIT) {
      throw refused(1016, 'Immediately Dropped', "The transaction couldn't enter the pool because of the limit");
    }
    this.#entries = [...this.#entries, entry];
  }

  /** The nonce after the account's last one that is in a block or ready for one. */
  nextNonce(signer: Hex, nonce: number): number {
    const pooled = new Set(
      this.#entries
        .filter(({ transaction }) => transaction.signer === signer)
        .map(({ transaction }) => transaction.nonce),
    );
    let next = nonce;
    while (pooled.has(next)) next++;
    return next;
  }

  /** Takes the transactions whose turn it is out of the pool, in order of arrival and, per account, of nonce. */
  takeReady(nonceOf: (signer: Hex) => number): readonly PoolEntry[] {
    const nonces = new Map<Hex, number>();
    const ready: PoolEntry[] = [];
    let rest = this.#entries;
    for (let found = true; found; ) {
      found = false;
      const left: PoolEntry[] = [];
      for (const entry of rest) {
        const { signer, nonce } = entry.transaction;
        const next = nonces.get(signer) ?? nonceOf(signer);
        if (nonce > next) {
          left.push(entry);
          continue;
        }
        ready.push(entry);
        nonces.set(signer, Math.max(next, nonce + 1));
        found = true;
      }
      rest = left;
    }
    this.#entries = rest;
    return ready;
  }

  /** Takes out what has waited for earlier nonces for too long. */
  takeExpired(head: number): readonly PoolEntry[] {
    const expired = this.#entries.filter(({ since }) => head - since > LONGEVITY_BLOCKS);
    if (expired.length > 0) this.#entries = this.#entries.filter((entry) => !expired.includes(entry));
    return expired;
  }
}

function refused(rpcCode: 1013 | 1014 | 1016, message: string, reason: string): DevnetError {
  return new DevnetError({ code: 'invalid_transaction', rpcCode, message, reason });
}
