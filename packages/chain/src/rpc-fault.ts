import { z } from 'zod';
import { BlockHash } from './block.js';
import { ChainError } from './chain-error.js';

const RpcFailure = z.object({ code: z.number(), message: z.string() });

/**
 * A failure of `@polkadot/api` as a coded error. Its own errors pass through, and so do those of other origin
 * (an aborted signal's reason). The library throws texts only, so that is what is matched.
 */
export function faultOf(error: unknown, endpoint: string, what: string): unknown {
  if (error instanceof ChainError) return error;
  if (!(error instanceof Error) || error.name === 'AbortError' || error.name === 'TimeoutError') return error;
  const { message } = error;
  if (/WebSocket is not connected|disconnected from wss?:|No response received from RPC endpoint/i.test(message)) {
    return new ChainError({ code: 'connection_lost', endpoint, what });
  }
  const hash = BlockHash.safeParse(/0x[0-9a-f]{64}/.exec(message)?.[0]);
  if (/state already discarded/i.test(message) && hash.success) {
    return new ChainError({ code: 'state_discarded', hash: hash.data });
  }
  const rpc = RpcFailure.safeParse(error);
  return new ChainError({ code: 'rpc_failed', what, message, rpcCode: rpc.success ? rpc.data.code : null });
}
