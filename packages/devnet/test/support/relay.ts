import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/** A JSON-RPC call on its way to a node. */
export interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface RelayOptions {
  /** Sees every call first. What it returns is the answer (`result` or `error`); undefined lets the node answer. */
  readonly onCall?: (call: Call, relay: Relay) => object | undefined;
}

/** Stands between a client and a node, as networks and providers do. */
export interface Relay extends AsyncDisposable {
  readonly url: string;
  /** Connections that clients have made so far. */
  connections(): number;
  /** Sockets stay open and carry nothing any more, those that come as well. */
  freeze(): void;
  /** Ends that; what was lost stays lost. */
  thaw(): void;
  /** Closes every client's socket at once. */
  cut(): void;
}

export async function relayTo(url: string, { onCall = () => undefined }: RelayOptions = {}): Promise<Relay> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  let isFrozen = false;
  let count = 0;
  const cut = () => {
    for (const client of server.clients) client.terminate();
  };
  server.on('connection', (client) => {
    count += 1;
    const upstream = new WebSocket(url);
    const early: string[] = [];
    upstream.on('open', () => early.splice(0).forEach((text) => void upstream.send(text)));
    upstream.on('message', (data: RawData) => {
      if (!isFrozen) client.send(String(data));
    });
    upstream.on('close', () => client.terminate());
    upstream.on('error', () => client.terminate());
    client.on('close', () => upstream.terminate());
    client.on('message', (data: RawData) => {
      if (isFrozen) return;
      const text = String(data);
      const call = JSON.parse(text) as Call;
      const answer = onCall(call, relay);
      if (answer !== undefined) client.send(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...answer }));
      else if (upstream.readyState === upstream.OPEN) upstream.send(text);
      else early.push(text);
    });
  });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const relay: Relay = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => count,
    freeze: () => {
      isFrozen = true;
    },
    thaw: () => {
      isFrozen = false;
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return relay;
}
