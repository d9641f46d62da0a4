import type { WsProvider } from '@polkadot/api';
import type { z } from 'zod';
import { ChainError } from '../chain-error.js';
import { faultOf } from './rpc-fault.js';

/** Makes JSON-RPC calls whose answers are checked. */
export interface Rpc {
  /** One call. Throws what {@link faultOf} makes of failures, and `malformed`. */
  rpc<S extends z.ZodType>(method: string, params: readonly unknown[], answer: S): Promise<z.output<S>>;
}

/** {@link Rpc} over a connected provider. */
export function rpcOver(provider: WsProvider, endpointName: string): Rpc {
  return {
    async rpc(method, params, answer) {
      let value: unknown;
      try {
        value = await provider.send(method, [...params]);
      } catch (error) {
        throw faultOf(error, endpointName, method);
      }
      const parsed = answer.safeParse(value);
      if (!parsed.success) throw new ChainError({ code: 'malformed', what: method, cause: parsed.error });
      return parsed.data;
    },
  };
}
