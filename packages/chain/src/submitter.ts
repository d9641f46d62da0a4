import type { ApiPromise } from '@polkadot/api';
import type { Hotkey } from '@tiltyard/schema';
import PQueue from 'p-queue';
import type { BlockRef } from './block.js';
import { pause } from './bounded.js';
import type { Receipt } from './chain.js';
import { ChainError } from './chain-error.js';
import type { ChainLogger } from './logger.js';
import { type Offer, offerTransaction } from './offer-transaction.js';
import type { Session } from './session.js';
import { type Call, type SignedTransaction, signTransaction } from './sign-transaction.js';
import { findTransaction, transactionOutcome } from './transaction-outcome.js';
import type { Wallet } from './wallet.js';

export interface SubmitterOptions {
  readonly callTimeoutMs: number;
  readonly finalizationTimeoutMs: number;
  readonly submitAttempts: number;
  readonly eraBlocks: number;
  readonly log: ChainLogger;
}

export interface Submission {
  /** What is being sent, for logs. */
  readonly what: string;
  readonly wallet: Wallet;
  readonly call: (api: ApiPromise) => Call;
  readonly signal: AbortSignal | undefined;
}

const REOFFER_PAUSE_MS = 1_000;

/** Sends transactions and stays with them until a finalized block holds them. */
export class Submitter {
  readonly #session: Session;
  readonly #options: SubmitterOptions;
  readonly #queues = new Map<Hotkey, PQueue>();

  constructor(session: Session, options: SubmitterOptions) {
    this.#session = session;
    this.#options = options;
  }

  /**
   * Signs, sends and waits for finality; signs afresh, with a new era and nonce, what the pool calls outdated.
   *
   * One transaction at a time per wallet, because they share its nonce. When the signal aborts after sending, the transaction may still take effect.
   * Throws `dispatch_failed`, `refused`, `outdated`, `outcome_unknown`, and the connection faults.
   */
  async submit(submission: Submission): Promise<Receipt> {
    const { hotkey } = submission.wallet;
    const queue = this.#queues.get(hotkey) ?? new PQueue({ concurrency: 1 });
    this.#queues.set(hotkey, queue);
    const { signal } = submission;
    return queue.add(() => this.#submit(submission), signal === undefined ? {} : { signal });
  }

  async #submit({ what, wallet, call, signal }: Submission): Promise<Receipt> {
    const { submitAttempts, eraBlocks, log } = this.#options;
    let message = '';
    for (let attempts = 1; attempts <= submitAttempts; attempts += 1) {
      signal?.throwIfAborted();
      const signed = await this.#session.read(`signing ${what}`, (connection) =>
        signTransaction(connection, call(connection.api), { wallet, eraBlocks }),
      );
      log.debug({ what, hotkey: wallet.hotkey, extrinsic: signed.hash, attempts }, 'transaction signed');
      const fate = await this.#follow(signed, signal);
      if (fate.kind === 'included') {
        log.info({ what, hotkey: wallet.hotkey, extrinsic: signed.hash, block: fate.block }, 'transaction finalized');
        return { extrinsic: signed.hash, block: fate.block, attempts };
      }
      message = fate.message;
      log.warn({ what, hotkey: wallet.hotkey, message, attempts }, 'transaction outdated');
      if (attempts < submitAttempts) await pause(REOFFER_PAUSE_MS, this.#session.keeper.closing, signal);
    }
    throw new ChainError({ code: 'outdated', attempts: submitAttempts, message });
  }

  /**
   * Offers the same bytes until their fate is certain. A lost answer cannot double them, since their nonce is spent once;
   * a second signature could. So once a pool may hold them, only finalized blocks say that they are lost.
   */
  async #follow(signed: SignedTransaction, signal: AbortSignal | undefined): Promise<Fate> {
    const { callTimeoutMs, finalizationTimeoutMs } = this.#options;
    const { keeper } = this.#session;
    const deadlineMs = performance.now() + finalizationTimeoutMs;
    let mayBePooled = false;
    for (;;) {
      const connection = await keeper.get(callTimeoutMs, signal);
      const timeoutMs = Math.max(1, deadlineMs - performance.now());
      const offer = await offerTransaction(connection, signed, { timeoutMs, signals: [keeper.closing, signal] });
      if (offer.kind === 'refused' && !mayBePooled) throw offer.error;
      if (offer.kind === 'outdated' && !mayBePooled && !offer.wasPooled) return offer;
      mayBePooled = true;
      const fate = await this.#fateOf(signed, offer);
      if (fate !== null) return fate;
      if (performance.now() >= deadlineMs) {
        throw new ChainError({ code: 'outcome_unknown', extrinsic: signed.hash, cause: causeOf(offer) });
      }
      await pause(REOFFER_PAUSE_MS, keeper.closing, signal);
    }
  }

  /** What became of a transaction that a pool may hold; null while that is open. */
  async #fateOf(signed: SignedTransaction, offer: Offer): Promise<Fate | null> {
    return this.#session.read('the outcome of a transaction', async (connection): Promise<Fate | null> => {
      const found =
        offer.kind === 'finalized'
          ? { kind: 'in_block' as const, hash: offer.block }
          : await findTransaction(connection, signed);
      if (found.kind === 'open') return null;
      if (found.kind === 'never') return { kind: 'outdated', message: String(causeOf(offer)) };
      return { kind: 'included', block: await transactionOutcome(connection, signed, found.hash) };
    });
  }
}

/** What the pool or the connection said last. */
function causeOf(offer: Offer): unknown {
  if (offer.kind === 'unseen') return offer.cause;
  if (offer.kind === 'refused') return offer.error;
  return offer.kind === 'outdated' ? offer.message : undefined;
}

type Fate =
  | { readonly kind: 'included'; readonly block: BlockRef }
  | { readonly kind: 'outdated'; readonly message: string };
