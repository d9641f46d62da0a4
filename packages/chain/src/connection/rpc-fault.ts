import { z } from 'zod';
import { BlockHash } from '../block.js';
import { ChainError } from '../chain-error.js';

/** Errors of the platform: of signals and of programming. */
const FOREIGN = /^(Abort|Timeout|Type|Range|Reference|Syntax)Error$/;

const RpcFailure = z.object({ code: z.number(), message: z.string() });

/**
 * A failure of `@polkadot/api` as a coded error. Coded errors pass through, and so does what is not the library's:
 * an aborted signal's reason, a mistake of our own. Most of its errors are told apart by their text only.
 */
export function faultOf(error: unknown, endpoint: string, what: string): unknown {
  if (error instanceof ChainError) return error;
  if (!(error instanceof Error) || FOREIGN.test(error.name)) return error;
  const { message } = error;
  if (/WebSocket is not connected|disconnected from wss?:|No response received from RPC endpoint/i.test(message)) {
    return new ChainError({ code: 'connection_lost', endpoint, what });
  }
  const hash = BlockHash.safeParse(/0x[0-9a-f]{64}/.exec(message)?.[0]);
  if (/state already discarded/i.test(message) && hash.success) {
    return new ChainError({ code: 'state_discarded', hash: hash.data });
  }
  if (/unknown ?block|unable to retrieve header/i.test(message) && hash.success) {
    return new ChainError({ code: 'unknown_block', block: hash.data });
  }
  const rpc = RpcFailure.safeParse(error);
  if (rpc.success) return new ChainError({ code: 'rpc_failed', what, detail: message, rpcCode: rpc.data.code });
  return new ChainError({ code: 'malformed', what, cause: error });
}
