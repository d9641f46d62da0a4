import type { ApiPromise } from '@polkadot/api';
import { BLOCK_SECONDS, backoffMs, type Hotkey, isFault } from '@tiltyard/schema';
import PQueue from 'p-queue';
import type { BlockRef } from '../block.js';
import type { Receipt } from '../chain.js';
import { ChainError } from '../chain-error.js';
import type { ChainFault } from '../chain-fault.js';
import { pause } from '../connection/bounded.js';
import type { Session } from '../connection/session.js';
import type { ChainLogger } from '../logger.js';
import type { Wallet } from '../wallet/wallet.js';
import { type Offer, offerTransaction } from './offer-transaction.js';
import { type Call, type SignedTransaction, signTransaction } from './sign-transaction.js';
import { findTransaction, transactionOutcome } from './transaction-outcome.js';

export interface SubmitterOptions {
  readonly callTimeoutMs: number;
  readonly finalizationTimeoutMs: number;
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

/** The pause before bytes that were not taken are offered again: a block's time at most. */
const REOFFER = { firstDelayMs: 1_000, maxDelayMs: BLOCK_SECONDS * 1000 };

/** Troubles on the way to a node, or of one node: what was sent may be in a block all the same. */
const PASSING = [
  'unreachable',
  'timed_out',
  'connection_lost',
  'rpc_failed',
  'malformed',
  'unknown_block',
  'state_discarded',
] as const satisfies readonly ChainFault['code'][];

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
   * Signs, sends and waits for finality; signs again, with a new era and nonce, what the pool calls outdated. What the pool
   * does not take now, or could not be asked about, is offered again, in turn to every endpoint, until `finalizationTimeoutMs`.
   *
   * One transaction at a time per wallet, because they share its nonce. When the signal aborts after sending, the transaction may still take effect.
   * Throws `dispatch_failed`, `refused`, `not_taken`, `outdated`, `outcome_unknown`, and the connection faults.
   */
  async submit(submission: Submission): Promise<Receipt> {
    const { hotkey } = submission.wallet;
    const queue = this.#queues.get(hotkey) ?? new PQueue({ concurrency: 1 });
    this.#queues.set(hotkey, queue);
    const { signal } = submission;
    return queue.add(() => this.#submit(submission), signal === undefined ? {} : { signal });
  }

  async #submit({ what, wallet, call, signal }: Submission): Promise<Receipt> {
    const { finalizationTimeoutMs, eraBlocks, log } = this.#options;
    const deadlineMs = performance.now() + finalizationTimeoutMs;
    for (let attempts = 1; ; attempts += 1) {
      signal?.throwIfAborted();
      const signed = await this.#session.read(`signing ${what}`, (connection) =>
        signTransaction(connection, call(connection.api), { wallet, eraBlocks }),
      );
      log.debug({ what, hotkey: wallet.hotkey, extrinsic: signed.hash, attempts }, 'transaction signed');
      const fate = await this.#follow(signed, attempts, signal);
      if (fate.kind === 'included') {
        log.info({ what, hotkey: wallet.hotkey, extrinsic: signed.hash, block: fate.block }, 'transaction finalized');
        return { extrinsic: signed.hash, block: fate.block, attempts };
      }
      const { message } = fate;
      log.warn({ what, hotkey: wallet.hotkey, message, attempts }, 'transaction outdated');
      if (performance.now() >= deadlineMs) throw new ChainError({ code: 'outdated', attempts, detail: message });
      await pause(backoffMs(attempts, REOFFER), this.#session.keeper.closing, signal);
    }
  }

  /**
   * Offers the same bytes until their fate is certain. A lost answer cannot double them, since their nonce is spent once;
   * a second signature could. So once a pool may hold them, only finalized blocks say that they are lost.
   */
  async #follow(signed: SignedTransaction, signatures: number, signal: AbortSignal | undefined): Promise<Fate> {
    const { finalizationTimeoutMs } = this.#options;
    const deadlineMs = performance.now() + finalizationTimeoutMs;
    let mayBePooled = false;
    for (let attempts = 1; ; attempts += 1) {
      let cause: unknown;
      try {
        const offer = await this.#offer(signed, deadlineMs, signal);
        cause = causeOf(offer);
        if (!mayBePooled && offer.kind === 'refused') {
          // A node cannot tell a forged signature from one of a runtime or an era that ended since it was made.
          if (offer.name !== 'BadProof' || signatures > 1) throw offer.error;
          return { kind: 'outdated', message: offer.error.message };
        }
        if (!mayBePooled && offer.kind === 'outdated' && !offer.wasPooled) return offer;
        mayBePooled ||= offer.kind === 'finalized' || (offer.kind !== 'refused' && offer.wasPooled);
        const fate = mayBePooled ? await this.#fateOf(signed, offer) : null;
        if (fate !== null) return fate;
      } catch (error) {
        if (!isFault(error, ChainError, ...PASSING)) throw error;
        cause = error;
      }
      if (performance.now() >= deadlineMs) throw givenUp(signed, mayBePooled, attempts, cause);
      await pause(
        mayBePooled ? REOFFER.firstDelayMs : backoffMs(attempts, REOFFER),
        this.#session.keeper.closing,
        signal,
      );
    }
  }

  /** Offers the bytes to the endpoint in use, and turns to the next one where they were not taken. */
  async #offer(signed: SignedTransaction, deadlineMs: number, signal: AbortSignal | undefined): Promise<Offer> {
    const { keeper, options } = this.#session;
    const connection = await keeper.get(this.#options.callTimeoutMs, signal);
    const timeoutMs = Math.max(1, deadlineMs - performance.now());
    const offer = await offerTransaction(connection, signed, { timeoutMs, signals: [keeper.closing, signal] });
    if (offer.kind === 'unseen' && offer.elsewhere) {
      const { endpoint } = connection;
      this.#options.log.warn({ extrinsic: signed.hash, endpoint, err: offer.cause }, 'transaction not taken');
      if (options.endpointCount > 1) keeper.discard(connection, 'it did not take a transaction');
    }
    return offer;
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

/** How an attempt ends whose time is over. */
function givenUp(signed: SignedTransaction, mayBePooled: boolean, attempts: number, cause: unknown): ChainError {
  if (mayBePooled) return new ChainError({ code: 'outcome_unknown', extrinsic: signed.hash, cause });
  if (cause instanceof ChainError && cause.code !== 'rpc_failed') return cause;
  return new ChainError({
    code: 'not_taken',
    attempts,
    detail: cause instanceof Error ? cause.message : String(cause),
  });
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
