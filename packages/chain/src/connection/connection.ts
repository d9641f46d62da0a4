import { ApiPromise, type WsProvider } from '@polkadot/api';
import type { ProviderInterface } from '@polkadot/rpc-provider/types';
import { BlockHash } from '../block.js';
import { ChainError } from '../chain-error.js';
import { KNOWN_EMPTY_EXTENSIONS } from '../submit/signed-extensions.js';
import { bounded, pause } from './bounded.js';
import type { Endpoint } from './endpoint.js';
import { NamedProvider } from './named-provider.js';
import { type Rpc, rpcOver } from './rpc-call.js';
import { faultOf } from './rpc-fault.js';

export interface ConnectOptions {
  readonly timeoutMs: number;
  /** The chain that must be served; undefined accepts any. */
  readonly genesisHash: BlockHash | undefined;
  readonly signal: AbortSignal;
}

const DRAIN_MS = 500;
const DRAIN_STEP_MS = 10;

/** One websocket to one endpoint, and the typed API over it. It never reconnects: a lost one is replaced by its keeper. */
export class Connection implements Rpc {
  readonly #gone = new AbortController();

  private constructor(
    readonly endpoint: string,
    readonly api: ApiPromise,
    readonly provider: WsProvider,
    readonly genesisHash: BlockHash,
  ) {
    this.rpc = rpcOver(provider, endpoint).rpc;
    provider.on('disconnected', () => this.#lose());
    provider.on('error', () => this.#lose());
  }

  /**
   * Connects, loads the metadata, and checks which chain it is.
   * Throws `connection_lost`, `timed_out`, `wrong_genesis`, or the signal's reason; nothing stays open then.
   */
  static async open(
    { url, name: endpoint }: Endpoint,
    { timeoutMs, genesisHash, signal }: ConnectOptions,
  ): Promise<Connection> {
    const provider = new NamedProvider({ url, name: endpoint }, timeoutMs);
    const what = `connecting to ${endpoint}`;
    let api: ApiPromise | undefined;
    try {
      const opened = new Promise<void>((resolve) => provider.on('connected', resolve));
      const failed = new Promise<never>((_, reject) => {
        for (const event of ['error', 'disconnected'] as const) {
          provider.on(event, () => reject(new ChainError({ code: 'connection_lost', endpoint, what })));
        }
      });
      // It loses every race once the connection is open, and may end long after anyone waits for it.
      failed.catch(() => undefined);
      await provider.connect();
      await bounded(Promise.race([opened, failed]), { what, timeoutMs, signals: [signal] });
      api = new ApiPromise({
        // The library's own class does not satisfy its own interface under exactOptionalPropertyTypes.
        provider: provider as ProviderInterface,
        noInitWarn: true,
        signedExtensions: KNOWN_EMPTY_EXTENSIONS,
      });
      await bounded(Promise.race([api.isReadyOrError, failed]), { what, timeoutMs, signals: [signal] });
      const actual = BlockHash.parse(api.genesisHash.toHex());
      if (genesisHash !== undefined && actual !== genesisHash) {
        throw new ChainError({ code: 'wrong_genesis', endpoint, expected: genesisHash, actual });
      }
      if (!provider.isConnected) throw new ChainError({ code: 'connection_lost', endpoint, what });
      return new Connection(endpoint, api, provider, actual);
    } catch (error) {
      await (api ?? provider).disconnect().catch(() => undefined);
      throw faultOf(error, endpoint, what);
    }
  }

  /** Aborts, with `connection_lost` as its reason, when the socket is gone or was closed. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** One JSON-RPC call, its answer checked. */
  readonly rpc: Rpc['rpc'];

  /** Waits a moment for the answers to what was asked, then closes. */
  async drain(): Promise<void> {
    // The library complains on the console about every answer that a closing socket cuts off.
    for (let waitedMs = 0; waitedMs < DRAIN_MS && this.provider.stats.active.requests > 0; waitedMs += DRAIN_STEP_MS) {
      await pause(DRAIN_STEP_MS);
    }
    await this.close();
  }

  async close(): Promise<void> {
    this.#lose();
    await this.api.disconnect().catch(() => undefined);
  }

  #lose(): void {
    if (this.#gone.signal.aborted) return;
    const { endpoint } = this;
    this.#gone.abort(new ChainError({ code: 'connection_lost', endpoint, what: 'the connection' }));
  }
}
