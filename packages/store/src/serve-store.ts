import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HttpUrl } from '@tiltyard/schema';
import { parseRange } from './byte-range.js';
import type { ObjectKey } from './object-key.js';
import { cacheControlOfKey, contentTypeOfKey, isContentKey, parseKey, sha256OfKey } from './object-key.js';
import { errnoOf, StoreError } from './store-error.js';

export interface ServeStoreOptions {
  /** The folder of a filesystem store. */
  readonly dir: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Connections that one IPv4 address, or one IPv6 /64, may have at a time. Behind a proxy all have the proxy's. */
  readonly connectionsPerAddress?: number;
  /** A reader that takes fewer bytes a second than this, as a mean over an answer and after `readerGraceMs`, is dropped. */
  readonly minBytesPerSecond?: number;
  readonly readerGraceMs?: number;
}

export const SERVE_STORE_DEFAULTS: Required<Omit<ServeStoreOptions, 'dir' | 'host' | 'port'>> = {
  connectionsPerAddress: 64,
  minBytesPerSecond: 16_384,
  readerGraceMs: 60_000,
};
type Settings = Required<ServeStoreOptions>;

/** A running server of a store's folder. */
export interface StoreServer extends AsyncDisposable {
  /** Where it listens, without a slash at the end. */
  readonly url: HttpUrl;
  /** Stops taking requests, lets those under way finish for `graceMs`, then cuts them off. */
  close(graceMs?: number): Promise<void>;
}

/** A connection on which nothing moves for this long is cut off. */
const IDLE_TIMEOUT_MS = 60_000;
/** A request has no body and few headers. */
const REQUEST_TIMEOUT_MS = 20_000;
const MAX_CONNECTIONS = 1024;
const CLOSE_GRACE_MS = 5_000;

/**
 * Serves a filesystem store's objects to anyone: GET and HEAD with Range, ETag and If-None-Match, content types by
 * key, immutable caching for keys made from content. Only valid keys are looked up, so there is no listing and no way
 * out of the folder. Bytes are sent as they lie on the disk: a reader checks them against the hash in the key.
 * No reader takes the others' connections: each address has a share, and who reads too slowly is dropped.
 *
 * @throws StoreError `unavailable` where the address cannot be listened on.
 */
export async function serveStore(options: ServeStoreOptions): Promise<StoreServer> {
  const settings: Settings = { ...SERVE_STORE_DEFAULTS, ...options, dir: path.resolve(options.dir) };
  const { host, port } = settings;
  const limits = { headersTimeout: REQUEST_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const server = createServer({ ...limits, connectionsCheckingInterval: 5_000 }, (request, response) => {
    answer(settings, request, response).catch(() => response.destroy());
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = IDLE_TIMEOUT_MS;
  limitConnections(server, settings.connectionsPerAddress);
  await listen(server, host, port);
  const close = (graceMs = CLOSE_GRACE_MS) => closeServer(server, graceMs);
  return { url: addressOf(server, host), close, [Symbol.asyncDispose]: () => close() };
}

/** Cuts off a connection whose address has its share already. */
function limitConnections(server: Server, perAddress: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = shareOf(socket.remoteAddress ?? '');
    const count = (open.get(address) ?? 0) + 1;
    if (count > perAddress) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}

/** Whose share a connection counts to: an IPv4 address, or the /64 that an IPv6 host chooses its address from. */
function shareOf(address: string): string {
  if (address.includes('.')) return address.slice(address.lastIndexOf(':') + 1);
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  if (tail !== undefined) groups.push(...Array(Math.max(0, 8 - groups.length - tail.split(':').length)).fill('0'));
  return groups.slice(0, 4).join(':');
}

async function answer(settings: Settings, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('access-control-allow-origin', '*'); // the objects are public; a dashboard shows them from elsewhere
  response.setHeader('cross-origin-resource-policy', 'cross-origin');
  response.setHeader('x-content-type-options', 'nosniff');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return refuse(response, 405, 'only GET and HEAD');
  }
  const key = keyOfRequest(request.url ?? '');
  if (!key) return refuse(response, 404, 'no such object');
  let handle: FileHandle;
  try {
    handle = await open(path.join(settings.dir, key), constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const errno = errnoOf(error);
    const missing = errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP';
    return refuse(response, missing ? 404 : 503, missing ? 'no such object' : 'the object cannot be read now');
  }
  try {
    await send(key, handle, settings, request, response);
  } finally {
    await handle.close();
  }
}

async function send(
  key: ObjectKey,
  handle: FileHandle,
  { minBytesPerSecond, readerGraceMs }: Settings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = await handle.stat();
  if (!found.isFile()) return refuse(response, 404, 'no such object');
  const etag = isContentKey(key) ? `"${sha256OfKey(key)}"` : `"${found.size}-${found.mtimeMs}"`;
  response.setHeader('etag', etag);
  response.setHeader('cache-control', cacheControlOfKey(key));
  response.setHeader('accept-ranges', 'bytes');
  if (isListed(etag, request.headers['if-none-match'])) {
    response.writeHead(304).end();
    return;
  }
  response.setHeader('content-type', contentTypeOfKey(key));

  const sameObject = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const range = sameObject && request.method === 'GET' ? parseRange(request.headers.range, found.size) : 'whole';
  if (range === 'unsatisfiable') {
    response.setHeader('content-range', `bytes */${found.size}`);
    return refuse(response, 416, 'the range lies outside the object');
  }
  const { first, last } = range === 'whole' ? { first: 0, last: found.size - 1 } : range;
  if (range !== 'whole') response.setHeader('content-range', `bytes ${first}-${last}/${found.size}`);
  response.setHeader('content-length', last - first + 1);
  response.writeHead(range === 'whole' ? 200 : 206);
  if (request.method === 'HEAD' || last < first) {
    response.end();
    return;
  }
  // A reader that goes away in the middle is not a fault; the response is destroyed with the pipeline.
  const tooSlow = setTimeout(() => response.destroy(), readerGraceMs + ((last - first + 1) / minBytesPerSecond) * 1000);
  await pipeline(handle.createReadStream({ start: first, end: last, autoClose: false }), response).catch(
    () => undefined,
  );
  clearTimeout(tooSlow);
}

function keyOfRequest(target: string): ObjectKey | undefined {
  const [pathname = ''] = target.split('?');
  try {
    return parseKey(pathname.slice(1)); // keys need no escapes, so an escaped path names nothing
  } catch {
    return undefined;
  }
}

function isListed(etag: string, header: string | undefined): boolean {
  if (header === undefined) return false;
  return header.split(',').some((item) => item.trim() === '*' || item.trim().replace(/^W\//, '') === etag);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.setHeader('cache-control', 'no-store'); // an object that is missing now may be there in a second
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.removeHeader('etag');
  response.writeHead(status).end(`${message}\n`);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = deferred();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (cause) {
    const target = `${host}:${port}`;
    throw new StoreError({ code: 'unavailable', operation: 'listen', target, httpStatus: undefined, cause });
  } finally {
    server.off('error', reject);
  }
}

function deferred() {
  let resolve = (): void => undefined;
  let reject = (_reason: unknown): void => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

function addressOf(server: Server, host: string): HttpUrl {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return HttpUrl.parse(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await closed;
  } finally {
    clearTimeout(cutOff);
  }
}
