import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Secret } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { openChain } from '../../src/open-chain.js';

/** A listener on the loopback, and what it saw. What it does with a connection is up to the test. */
async function listen(onSocket: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    socket.resume(); // or the other side's hanging up would go unnoticed
    onSocket(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `ws://127.0.0.1:${address.port}`,
    connections: () => count,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const impatient = { callTimeoutMs: 200, openTimeoutMs: 1_500, maxReconnectDelayMs: 100 };

describe('endpoints that do not work', () => {
  it('are tried in turn until the time is over, and leave nothing open', async () => {
    await using silent = await listen(() => undefined);
    await using closing = await listen((socket) => socket.destroy());
    await using http = await listen((socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n'));
    const endpoints = [silent.url, closing.url, http.url];
    const opening = openChain({ endpoints: endpoints.map((url) => new Secret(url)), ...impatient });
    await expect(opening).rejects.toMatchObject({ fault: { code: 'unreachable', endpoints } });
    for (const endpoint of [silent, closing, http]) expect(endpoint.connections()).toBeGreaterThan(1);
    await expect.poll(() => silent.open(), { timeout: 5_000 }).toBe(0);
  });

  it('are refused at once when they are not websockets', async () => {
    await expect(openChain({ endpoints: [new Secret('http://127.0.0.1:1')] })).rejects.toMatchObject({
      code: 'bad_endpoint',
    });
    await expect(openChain({ endpoints: [] })).rejects.toMatchObject({ code: 'bad_endpoint' });
  });
});
