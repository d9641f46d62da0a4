import { cryptoWaitReady } from '@polkadot/util-crypto';
import { type DevnetActions, devnetActions } from './control-actions.js';
import { SILENT_LOGGER } from './logger.js';
import { type BlockRef, DevChain } from './node/dev-chain.js';
import { startTicker } from './node/ticker.js';
import { type DevnetOptions, parseOptions } from './options.js';
import { serveRpc } from './rpc/server.js';

/** A running dev chain. Dispose it to stop it; what it keeps on disk stays. */
export interface Devnet extends DevnetActions, AsyncDisposable {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** The newest block. */
  head(): BlockRef;
  /** The newest block that is final. */
  finalized(): BlockRef;
}

/**
 * Starts a chain that speaks a Bittensor node's JSON-RPC, for local work. It is not the subtensor runtime: it has what a
 * competition uses (neurons, timelocked commitments, weights) and says so.
 *
 * @example
 * ```ts
 * await using devnet = await startDevnet({ subnets: [{ netuid: 17, owner: { hotkey: '//Owner' } }] });
 * devnet.jump({ blocks: 7200 }); // a day
 * ```
 *
 * Throws DevnetError `bad_option`, `genesis_mismatch`, `folder_in_use`, `log_unreadable`.
 */
export async function startDevnet({ log = SILENT_LOGGER, ...given }: DevnetOptions): Promise<Devnet> {
  await cryptoWaitReady();
  const { genesis, folder, finalityLagBlocks, blockTimeMs, port } = parseOptions(given);
  const chain = new DevChain({ genesis, folder, finalityLagBlocks, nowMs: Date.now(), log });
  try {
    const actions = devnetActions(chain, blockTimeMs);
    const server = await serveRpc(chain, actions, { port, log });
    const stopTicker = blockTimeMs === null ? () => {} : startTicker(chain, blockTimeMs, log);
    let isClosed = false;
    return {
      ...actions,
      url: `ws://127.0.0.1:${server.port}`,
      port: server.port,
      head: () => chain.ref(chain.head),
      finalized: () => chain.ref(chain.finalized),
      async [Symbol.asyncDispose]() {
        if (isClosed) return;
        isClosed = true;
        stopTicker();
        await server[Symbol.asyncDispose]();
        chain[Symbol.dispose]();
      },
    };
  } catch (error) {
    chain[Symbol.dispose]();
    throw error;
  }
}
