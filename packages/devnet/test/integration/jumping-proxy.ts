import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Devnet } from '../../src/index.js';

/** A relay to a dev chain that makes it jump just before the first transaction arrives, so that it arrives outdated. */
export async function jumpingProxy(devnet: Devnet, blocks: number) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  let hasJumped = false;
  server.on('connection', (client) => {
    const upstream = new WebSocket(devnet.url);
    const early: string[] = [];
    upstream.on('open', () => early.splice(0).forEach((text) => void upstream.send(text)));
    upstream.on('message', (data) => client.send(String(data)));
    upstream.on('close', () => client.terminate());
    client.on('close', () => upstream.terminate());
    client.on('message', (data) => {
      const text = String(data);
      if (!hasJumped && text.includes('author_submit')) {
        hasJumped = true;
        devnet.jump({ blocks });
      }
      if (upstream.readyState === upstream.OPEN) upstream.send(text);
      else early.push(text);
    });
  });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    jumped: () => hasJumped,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
