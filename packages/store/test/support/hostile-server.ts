import { createServer, type RequestListener } from 'node:http';

/** A real HTTP server on the loopback for one test. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** As an allow-list names it. */
  readonly host: string;
}

export async function testServer(answer: RequestListener): Promise<TestServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
