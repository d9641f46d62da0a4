import { IntText, readEnvironment } from '@tiltyard/schema';
import { z } from 'zod';
import { SERVE_STORE_DEFAULTS, serveStore } from './serve-store.js';

/**
 * Serves a filesystem store as a process of its own. Reads STORE_DIR, HOST, PORT and CONNECTIONS_PER_ADDRESS, prints `{"listening": url}` on
 * standard output once it takes requests, and ends on SIGTERM or SIGINT.
 */
const ENVIRONMENT = {
  STORE_DIR: z.string().min(1),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: IntText.pipe(z.int().max(65_535)).default(0),
  CONNECTIONS_PER_ADDRESS: IntText.pipe(z.int().min(1).max(65_535)).default(SERVE_STORE_DEFAULTS.connectionsPerAddress),
};

async function main(): Promise<void> {
  const { STORE_DIR, HOST, PORT, CONNECTIONS_PER_ADDRESS } = readEnvironment(ENVIRONMENT, process.env);
  const connectionsPerAddress = CONNECTIONS_PER_ADDRESS;
  const server = await serveStore({ dir: STORE_DIR, host: HOST, port: PORT, connectionsPerAddress });
  process.stdout.write(`${JSON.stringify({ listening: server.url })}\n`);
  const stop = () => {
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
  process.exit(1);
});
