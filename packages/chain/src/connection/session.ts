import { ChainError } from '../chain-error.js';
import type { ChainFault } from '../chain-fault.js';
import { bounded } from './bounded.js';
import type { Connection } from './connection.js';
import type { ConnectionKeeper } from './connection-keeper.js';
import { faultOf } from './rpc-fault.js';

export interface SessionOptions {
  readonly callTimeoutMs: number;
  readonly readAttempts: number;
  readonly endpointCount: number;
}

/** Faults that another attempt may heal on any endpoint. */
const TRANSIENT: ReadonlySet<ChainFault['code']> = new Set(['timed_out', 'connection_lost']);
/** Faults of one endpoint, which another one may not have. */
const ENDPOINT_FAULTS: ReadonlySet<ChainFault['code']> = new Set([
  'rpc_failed',
  'malformed',
  'state_discarded',
  'unknown_block',
]);

/** Runs reads on the working connection: each attempt bounded in time, failures moved to the next endpoint. */
export class Session {
  constructor(
    readonly keeper: ConnectionKeeper,
    readonly options: SessionOptions,
  ) {}

  /**
   * Runs an idempotent read, again on a fresh connection when the endpoint failed it, `readAttempts` times in all.
   * Throws the last failure.
   */
  async read<T>(what: string, read: (connection: Connection) => Promise<T>): Promise<T> {
    const { callTimeoutMs, readAttempts } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      const connection = await this.keeper.get(callTimeoutMs);
      try {
        return await this.once(connection, what, read(connection));
      } catch (error) {
        if (attempt >= readAttempts || !this.#isWorthAnother(error)) throw error;
        this.keeper.discard(connection, error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** Waits for one call on one connection: bounded in time, ended by the connection's loss, its failure coded. */
  async once<T>(connection: Connection, what: string, call: Promise<T>, signal?: AbortSignal): Promise<T> {
    const { closing } = this.keeper;
    try {
      const signals = [closing, signal, connection.gone];
      return await bounded(call, { what, timeoutMs: this.options.callTimeoutMs, signals });
    } catch (error) {
      closing.throwIfAborted();
      signal?.throwIfAborted();
      throw faultOf(error, connection.endpoint, what);
    }
  }

  #isWorthAnother(error: unknown): boolean {
    if (!(error instanceof ChainError)) return false;
    if (TRANSIENT.has(error.code)) return true;
    return this.options.endpointCount > 1 && ENDPOINT_FAULTS.has(error.code);
  }
}
