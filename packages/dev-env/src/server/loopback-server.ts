import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpUrl } from '@tiltyard/schema';

const LOOPBACK = '127.0.0.1';

/**
 * Lets a server listen on a port, 0 for any free one.
 *
 * @returns Its address, and how to stop it: what is under way is cut off.
 */
export async function listenOnLoopback(
  server: Server,
  port: number,
  host: string = LOOPBACK,
): Promise<{ url: HttpUrl; close: () => Promise<void> }> {
  server.listen(port, host);
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const address = server.address() as AddressInfo;
  return { url: HttpUrl.parse(`http://${LOOPBACK}:${address.port}`), close };
}
