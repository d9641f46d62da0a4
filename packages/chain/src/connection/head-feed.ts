import type { BlockNumber } from '@tiltyard/schema';
import type { FinalizedHead } from '../block.js';
import type { WaitOptions } from '../chain.js';
import type { ChainLogger } from '../logger.js';
import { headOf } from '../read/state.js';
import { Header } from './block-rpc.js';
import { bounded } from './bounded.js';
import type { Connection } from './connection.js';
import type { Session } from './session.js';

export interface HeadFeedOptions {
  readonly staleHeadMs: number;
  readonly log: ChainLogger;
}

/**
 * Follows finalized heads over every connection that comes, and gives up a connection on which they stop: a half-open
 * socket looks alive to everything but the block clock.
 */
export class HeadFeed {
  readonly #session: Session;
  readonly #options: HeadFeedOptions;
  readonly #listeners = new Set<(head: FinalizedHead) => void>();
  readonly #watchdog: NodeJS.Timeout;
  #newest: FinalizedHead | null = null;
  #watched: { readonly connection: Connection; highest: number; movedAtMs: number } | null = null;
  #refreshing = false;
  #again = false;

  constructor(session: Session, options: HeadFeedOptions) {
    this.#session = session;
    this.#options = options;
    session.keeper.onConnection((connection) => this.#watch(connection));
    this.#watchdog = setInterval(() => this.#check(), Math.max(10, Math.min(5_000, options.staleHeadMs / 4)));
    this.#watchdog.unref();
  }

  /** The newest finalized head. Never falls back: an endpoint that lags behind an earlier one's head is overruled. */
  async head(): Promise<FinalizedHead> {
    const head = await this.#session.read('the finalized head', headOf);
    this.#publish(head);
    return this.#newest ?? head;
  }

  listen(listener: (head: FinalizedHead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves with the first head at or above a height. Throws `timed_out`, `closed`, or the signal's reason. */
  async waitFor(number: BlockNumber, { signal, timeoutMs }: WaitOptions): Promise<FinalizedHead> {
    signal?.throwIfAborted();
    this.#session.keeper.closing.throwIfAborted();
    if (this.#newest !== null && this.#newest.number >= number) return this.#newest;
    let stop: () => void = () => undefined;
    const reached = new Promise<FinalizedHead>((resolve) => {
      stop = this.listen((head) => {
        if (head.number >= number) resolve(head);
      });
    });
    this.#refresh();
    try {
      const signals = [this.#session.keeper.closing, signal];
      return await bounded(reached, { what: `block ${number}`, timeoutMs, signals });
    } finally {
      stop();
    }
  }

  close(): void {
    clearInterval(this.#watchdog);
    this.#listeners.clear();
  }

  #watch(connection: Connection): void {
    const watched = { connection, highest: -1, movedAtMs: performance.now() };
    this.#watched = watched;
    const heard = (error: Error | null, value: unknown) => {
      const header = Header.safeParse(value);
      if (error !== null || !header.success || header.data.number <= watched.highest) return;
      watched.highest = header.data.number;
      watched.movedAtMs = performance.now();
      this.#refresh();
    };
    const subscribing = connection.provider.subscribe(
      'chain_finalizedHead',
      'chain_subscribeFinalizedHeads',
      [],
      heard,
    );
    subscribing.catch((error: unknown) =>
      this.#session.keeper.discard(connection, `no subscription: ${String(error)}`),
    );
  }

  #check(): void {
    const watched = this.#watched;
    if (watched === null || this.#session.keeper.current !== watched.connection) return;
    const silentMs = performance.now() - watched.movedAtMs;
    if (silentMs <= this.#options.staleHeadMs) return;
    this.#session.keeper.discard(watched.connection, `no new finalized head for ${Math.round(silentMs)} ms`);
  }

  /** Reads the head once more; calls during a read are answered by one further read. */
  #refresh(): void {
    if (this.#refreshing) {
      this.#again = true;
      return;
    }
    this.#refreshing = true;
    this.head()
      .catch((error: unknown) => this.#options.log.debug({ err: error }, 'finalized head not read'))
      .finally(() => {
        this.#refreshing = false;
        if (!this.#again || this.#session.keeper.closing.aborted) return;
        this.#again = false;
        this.#refresh();
      });
  }

  #publish(head: FinalizedHead): void {
    if (this.#newest !== null && head.number <= this.#newest.number) return;
    this.#newest = head;
    this.#tell(head);
  }

  #tell(head: FinalizedHead): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(head);
      } catch (error) {
        this.#options.log.error({ err: error }, 'a listener for finalized heads threw');
      }
    }
  }
}
