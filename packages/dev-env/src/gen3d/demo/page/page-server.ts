import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { DevEnvError } from '../../../network/dev-env-error.js';
import type { DemoEvent } from '../demo-event.js';
import { NO_STATUS, statusAfter } from '../live-status.js';
import { livePage } from './live-page.js';

/** Serves the demo's page and its live status on 127.0.0.1 while it runs. */
export interface PageServer extends AsyncDisposable {
  readonly url: string;
  /** Takes note of what happened. */
  note(event: DemoEvent): void;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.webp': 'image/webp' };
/** What a page or picture may be called: the folder's own names, and no way out of it. */
const FILE = /^\/((?:[A-Za-z0-9][\w-]*\/){0,2}[A-Za-z0-9][\w-]*\.(?:html|webp))$/;

/**
 * Opens the server: `/` is the live status as a page, `/status.json` as JSON, everything else a file of the page.
 *
 * @throws DevEnvError `unusable` when the port is taken or may not be used
 */
export async function openPageServer(port: number, folder: string): Promise<PageServer> {
  let status = NO_STATUS;
  const server = createServer((request, response) => {
    answer(request, response).catch(() => send(response, 500, 'text/plain', 'internal error'));
  });

  async function answer({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') return send(response, 405, 'text/plain', 'only GET');
    const place = url.split('?')[0] ?? '/';
    if (place === '/') return send(response, 200, 'text/html; charset=utf-8', livePage(status));
    if (place === '/status.json') return send(response, 200, 'application/json', JSON.stringify(status));
    const file = FILE.exec(place)?.[1];
    const bytes = file === undefined ? undefined : await readIfThere(path.join(folder, file));
    if (file === undefined || bytes === undefined) return send(response, 404, 'text/plain', 'no such page');
    send(response, 200, CONTENT_TYPES[path.extname(file)] ?? 'application/octet-stream', bytes);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new DevEnvError({ code: 'unusable', what: `port ${port}`, detail: error.message }, { cause: error })),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}/`,
    note(event) {
      status = statusAfter(status, event);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  return await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, {
    'content-type': type,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(body);
}
