import { createServer } from 'node:net';

const TRIES = 50;

/**
 * A loopback port that nothing listens on and that is none of `taken`.
 *
 * The system may give it to another process before ours binds it; then ours fails to start.
 */
export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const port = await ephemeralPort();
    if (!taken.has(port)) return port;
  }
  throw new Error(`no free port in ${TRIES} tries`);
}

function ephemeralPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('the socket has no port'));
      });
    });
  });
}
