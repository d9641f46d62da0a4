import { backoffMs, isFault } from '@tiltyard/schema';
import type { BlockHash } from '../block.js';
import { ChainError } from '../chain-error.js';
import type { ChainLogger } from '../logger.js';
import { bounded, pause } from './bounded.js';
import { Connection } from './connection.js';
import type { Endpoint } from './endpoint.js';

export interface KeeperOptions {
  readonly endpoints: readonly Endpoint[];
  readonly genesisHash: BlockHash | undefined;
  readonly callTimeoutMs: number;
  readonly maxReconnectDelayMs: number;
  readonly log: ChainLogger;
}

const RECONNECT = { firstDelayMs: 200, jitter: 0.5 };

/** Keeps one working connection: opens it, replaces a lost or discarded one, and moves through the endpoints in turn. */
export class ConnectionKeeper {
  readonly #options: KeeperOptions;
  readonly #closing = new AbortController();
  readonly #arrivals = new Set<(connection: Connection) => void>();
  #next = 0;
  #current: Connection | null = null;
  #opening: Promise<Connection> | null = null;
  #genesisHash: BlockHash | undefined;
  #lastFailure: unknown = null;
  /** Endpoints that were last seen serving another chain. */
  readonly #strangers = new Set<Endpoint>();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#genesisHash = options.genesisHash;
  }

  /** Aborts, with `closed` as its reason, when the keeper was closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  get current(): Connection | null {
    return this.#current;
  }

  /** Calls back with every connection that was opened, from now on. */
  onConnection(listener: (connection: Connection) => void): void {
    this.#arrivals.add(listener);
  }

  /**
   * The working connection, once there is one. Throws `unreachable` after the timeout, `closed` when closed, and
   * `wrong_genesis` at once when every endpoint serves another chain.
   */
  async get(timeoutMs: number, signal?: AbortSignal): Promise<Connection> {
    this.closing.throwIfAborted();
    if (this.#current !== null) return this.#current;
    this.#opening ??= this.#open();
    const signals = [this.closing, signal];
    try {
      return await bounded(this.#opening, { what: 'a connection', timeoutMs, signals });
    } catch (error) {
      if (!(error instanceof ChainError) || error.code !== 'timed_out') throw error;
      throw new ChainError({
        code: 'unreachable',
        endpoints: this.#options.endpoints.map(({ name }) => name),
        cause: this.#lastFailure,
      });
    }
  }

  /** Gives a connection up, unless it was replaced already, and turns to the next endpoint. */
  discard(connection: Connection, why: string): void {
    if (this.#current !== connection) return;
    this.#current = null;
    if (!this.closing.aborted) {
      this.#options.log.warn({ endpoint: connection.endpoint, why }, 'chain connection given up');
      this.#opening ??= this.#open();
      this.#opening.catch(() => undefined);
    }
    void connection.close();
  }

  async close(): Promise<void> {
    if (this.closing.aborted) return;
    this.#closing.abort(new ChainError({ code: 'closed', what: 'the chain client' }));
    const current = this.#current;
    this.#current = null;
    await current?.drain();
    // A connection that was being opened closes itself when it sees the signal.
    await this.#opening?.catch(() => undefined);
  }

  /** Tries endpoints in turn, with growing pauses, until one works or the keeper is closed. */
  async #open(): Promise<Connection> {
    const { endpoints, callTimeoutMs, maxReconnectDelayMs, log } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      this.closing.throwIfAborted();
      const endpoint = endpoints[this.#next % endpoints.length];
      if (endpoint === undefined) throw new ChainError({ code: 'bad_endpoint', endpoint: '(none given)' });
      this.#next += 1;
      try {
        const connection = await Connection.open(endpoint, {
          timeoutMs: callTimeoutMs,
          genesisHash: this.#genesisHash,
          signal: this.closing,
        });
        this.#adopt(connection);
        return connection;
      } catch (error) {
        this.closing.throwIfAborted();
        this.#lastFailure = error;
        log.warn({ endpoint: endpoint.name, err: error }, 'chain endpoint not usable');
        if (isFault(error, ChainError, 'wrong_genesis')) this.#strangers.add(endpoint);
        else this.#strangers.delete(endpoint);
        if (this.#strangers.size === endpoints.length) {
          // Waiting does not help; the next call looks again.
          this.#opening = null;
          throw error;
        }
      }
      const rounds = Math.floor((attempt + 1) / endpoints.length);
      await pause(
        backoffMs(rounds + 1, { ...RECONNECT, maxDelayMs: maxReconnectDelayMs }, Math.random()),
        this.closing,
      );
    }
  }

  #adopt(connection: Connection): void {
    this.#current = connection;
    this.#opening = null;
    this.#strangers.clear();
    this.#genesisHash ??= connection.genesisHash;
    connection.gone.addEventListener('abort', () => this.discard(connection, 'the socket closed'), { once: true });
    this.#options.log.info({ endpoint: connection.endpoint }, 'chain connected');
    for (const listener of this.#arrivals) listener(connection);
    if (connection.gone.aborted) this.discard(connection, 'the socket closed');
  }
}
