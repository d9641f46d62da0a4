import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { DevnetActions } from '../control-actions.js';
import { DevnetError } from '../errors.js';
import type { DevnetLogger } from '../logger.js';
import type { DevChain } from '../node/dev-chain.js';
import { chainMethods } from './chain-methods.js';
import type { Methods } from './method.js';
import { Session } from './session.js';
import { stateMethods } from './state-methods.js';
import { systemMethods } from './system-methods.js';

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_BATCH = 256;
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
/** A Substrate node's code for a block, or a state, that it does not have. */
const UNKNOWN_BLOCK = 4003;
/** Of the dev chain's own refusals; `data.code` is the fault's. */
const REFUSED = -32000;

const Request = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.number(), z.string(), z.null()]).default(null),
  method: z.string().max(100),
  params: z.unknown().optional(),
});

export interface RpcServer extends AsyncDisposable {
  readonly port: number;
}

/** Serves a chain over ws on 127.0.0.1: JSON-RPC as far as `@polkadot/api` needs it, and `devnet_*` for control. */
export async function serveRpc(
  chain: DevChain,
  actions: DevnetActions,
  { port, log }: { readonly port: number; readonly log: DevnetLogger },
): Promise<RpcServer> {
  const methods = allMethods(chain, actions);
  const server = new WebSocketServer({ host: '127.0.0.1', port, maxPayload: MAX_MESSAGE_BYTES });
  server.on('connection', (socket) => serve(socket, methods, log));
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  server.on('error', (error) => log.warn({ error: error.message }, 'the RPC server failed'));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function allMethods(chain: DevChain, actions: DevnetActions): Methods {
  const control: Methods = {
    devnet_status: () => actions.status(),
    // The actions check what they are given.
    devnet_jump: (params) => actions.jump(first(params)),
    devnet_produce: (params) => actions.produce(first(params)),
    devnet_register: (params) => actions.register(first(params)),
    devnet_fund: (params) => actions.fund(first(params)),
  };
  const methods = { ...systemMethods(chain), ...chainMethods(chain), ...stateMethods(chain), ...control };
  return { ...methods, rpc_methods: () => ({ methods: [...Object.keys(methods), 'rpc_methods'].sort() }) };
}

function first<T>(params: unknown): T {
  return (Array.isArray(params) ? params[0] : undefined) as T;
}

function serve(socket: WebSocket, methods: Methods, log: DevnetLogger): void {
  const session = new Session(socket);
  socket.on('message', (data) => {
    const message = parseJson(String(data));
    if (Array.isArray(message)) {
      const requests: readonly unknown[] = message.slice(0, MAX_BATCH);
      session.answer(() => requests.map((request) => respond(request, methods, session, log)));
    } else {
      session.answer(() => respond(message, methods, session, log));
    }
  });
  socket.on('close', () => session.end());
  socket.on('error', (error) => log.warn({ error: error.message }, 'a client sent what is not ws'));
}

function respond(message: unknown, methods: Methods, session: Session, log: DevnetLogger): object {
  if (message === undefined) return failure(null, PARSE_ERROR, 'Parse error');
  const request = Request.safeParse(message);
  if (!request.success) return failure(null, INVALID_REQUEST, 'Invalid request');
  const { id, method: name, params } = request.data;
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) return failure(id, METHOD_NOT_FOUND, 'Method not found', name);
  try {
    return { jsonrpc: '2.0', id, result: method(params, session) };
  } catch (error) {
    return errorAnswer(id, name, error, log);
  }
}

type Id = number | string | null;

function errorAnswer(id: Id, name: string, error: unknown, log: DevnetLogger): object {
  if (error instanceof z.ZodError) return failure(id, INVALID_PARAMS, `Invalid params: ${z.prettifyError(error)}`);
  if (!(error instanceof DevnetError)) {
    log.warn({ method: name, error: error instanceof Error ? error.stack : String(error) }, 'a method failed');
    return failure(id, INTERNAL_ERROR, 'Internal error');
  }
  const { fault } = error;
  switch (fault.code) {
    case 'invalid_transaction':
      return failure(id, fault.rpcCode, fault.message, fault.reason);
    case 'unknown_block':
      return failure(
        id,
        UNKNOWN_BLOCK,
        `Client error: UnknownBlock: Header was not found in the database: ${fault.block}`,
      );
    case 'state_discarded':
      return failure(id, UNKNOWN_BLOCK, `Client error: UnknownBlock: State already discarded for ${fault.hash}`);
    case 'bad_scale':
      return failure(id, INVALID_PARAMS, `Invalid params: ${error.message}`);
    default:
      return failure(id, REFUSED, error.message, { code: fault.code });
  }
}

function failure(id: Id, code: number, message: string, data?: unknown): object {
  return { jsonrpc: '2.0', id, error: data === undefined ? { code, message } : { code, message, data } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
