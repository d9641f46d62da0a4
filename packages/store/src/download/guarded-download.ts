import { open, rm } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { HttpUrl, isFault, type Sha256 } from '@tiltyard/schema';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { fileWork } from '../durable-file.js';
import { type ReadResult, readContent } from '../read-content.js';
import { StoreError } from '../store-error.js';
import { startDeadline } from './deadline.js';
import { classifyFailure, DownloadFailure, type FailedDownload } from './download-failure.js';
import { type Lookup, lookupAddresses, openPinned } from './pinned-connection.js';
import { type LeastSpeed, startTransferWatch, type Transfer, type TransferWatch } from './transfer-watch.js';

/** A host and port whose addresses are not checked: `127.0.0.1:8080`, `[::1]:8080`, `cdn.local:443`. Lower case. */
export const HostAndPort = z
  .string()
  .regex(/^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+):\d{1,5}$/, 'is not host:port in lower case');

export interface DownloadOptions extends Partial<LeastSpeed> {
  /** Bound of the body, compressed or not. */
  readonly maxBytes?: number;
  /** Bound of resolving the name, and of connecting, on every hop. */
  readonly connectTimeoutMs?: number;
  /** Bound of the whole download, redirects included, however slowly bytes drip in. */
  readonly totalTimeoutMs?: number;
  readonly maxRedirects?: number;
  /** Hosts of a local network that may be reached although they are not on the public Internet. */
  readonly allowHosts?: readonly string[];
  readonly lookup?: Lookup;
  readonly signal?: AbortSignal | undefined;
}

/** The competition's limits for miners' files. @see docs/mining.md#your-files */
export const DOWNLOAD_DEFAULTS: Required<Omit<DownloadOptions, 'signal'>> = {
  maxBytes: 209_715_200,
  connectTimeoutMs: 10_000,
  totalTimeoutMs: 300_000,
  minBytesPerSecond: 1024,
  speedWindowMs: 60_000,
  maxRedirects: 3,
  allowHosts: [],
  lookup: lookupAddresses,
};

/** What came, complete. `url` is the address after redirects, `contentType` what the server called it. */
export interface Downloaded {
  readonly ok: true;
  readonly url: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly contentType: string | undefined;
  readonly transfer: Transfer;
}

/**
 * Downloads from an address that a stranger gave us, into memory.
 *
 * On every hop the host is resolved first, addresses outside the public Internet are refused, and the connection is
 * pinned to what was checked. Size and time are bounded while bytes arrive. Cookies, credentials and proxies are not
 * involved.
 *
 * @returns What came, or why nothing did: a failure of the other side is a result.
 * @throws StoreError for failures of ours: `out_of_resources`; the signal's reason
 *
 * @example
 * const download = await downloadBytes(`${cdnUrl}/${stem}.glb`, { maxBytes, signal });
 * if (!download.ok) return { error: { code: download.code, message: download.message } };
 */
export async function downloadBytes(
  url: string,
  options: DownloadOptions = {},
): Promise<(Downloaded & { readonly bytes: Uint8Array }) | FailedDownload> {
  const chunks: Uint8Array[] = [];
  const result = await download(url, (chunk) => void chunks.push(chunk), options);
  return result.ok ? { ...result, bytes: Buffer.concat(chunks, result.sizeBytes) } : result;
}

/**
 * As `downloadBytes`, into a new file. Nothing is left of a download that fails.
 *
 * @throws StoreError for failures of ours: `out_of_resources`, `disk_full`, `io`; the signal's reason
 */
export async function downloadToFile(
  url: string,
  file: string,
  options: DownloadOptions = {},
): Promise<(Downloaded & { readonly file: string }) | FailedDownload> {
  const handle = await fileWork('create', file, () => open(file, 'wx'));
  let kept = false;
  try {
    const write = (chunk: Uint8Array) => fileWork('write', file, () => handle.appendFile(chunk));
    const result = await download(url, write, options);
    kept = result.ok;
    return result.ok ? { ...result, file } : result;
  } finally {
    await fileWork('close', file, () => handle.close());
    if (!kept) await fileWork('unlink', file, () => rm(file, { force: true }));
  }
}

type Consume = (chunk: Uint8Array) => Promise<void> | void;
type Limits = Required<Omit<DownloadOptions, 'signal'>> & {
  readonly signal: AbortSignal;
  readonly watch: TransferWatch;
};

async function download(url: string, consume: Consume, given: DownloadOptions): Promise<Downloaded | FailedDownload> {
  const options = { ...DOWNLOAD_DEFAULTS, ...given };
  using deadline = startDeadline(options.totalTimeoutMs, given.signal);
  using watch = startTransferWatch(options, deadline.signal);
  const put: Consume = (chunk) => watch.ours(() => consume(chunk));
  try {
    return await follow(url, put, { ...options, signal: watch.signal, watch });
  } catch (error) {
    given.signal?.throwIfAborted();
    const { transfer } = watch;
    if (watch.tooSlow) {
      const { minBytesPerSecond: least, speedWindowMs } = options;
      const message = `fewer than ${least} bytes a second over ${speedWindowMs} ms, after ${transfer.bytes} bytes`;
      return new DownloadFailure('too_slow', message).toResult(transfer);
    }
    if (deadline.expired) {
      const message = `not complete within ${options.totalTimeoutMs} ms`;
      return new DownloadFailure('timeout', message).toResult(transfer);
    }
    if (error instanceof DownloadFailure) return error.toResult(transfer);
    throw error;
  }
}

async function follow(first: string, consume: Consume, limits: Limits): Promise<Downloaded> {
  let url = checkedUrl(first);
  for (let hop = 0; hop <= limits.maxRedirects; hop++) {
    const agent = await openPinned(url, limits);
    try {
      const response = await ask(url, agent, limits);
      const target = redirectOf(response, url);
      if (!target) return await receive(url, response, consume, limits);
      url = target;
    } finally {
      await agent.destroy();
    }
  }
  throw new DownloadFailure('too_many_redirects', `more than ${limits.maxRedirects} redirects`);
}

function checkedUrl(text: string, base?: URL): URL {
  // An HttpUrl has no credentials and is not absurdly long; its parsed form is what we connect to.
  const resolved = URL.canParse(text, base?.href) ? new URL(text, base).href : text;
  const parsed = HttpUrl.safeParse(resolved);
  if (!parsed.success) {
    const where = base ? `redirected by ${base.host} to ` : '';
    throw new DownloadFailure(
      'bad_url',
      `${where}${JSON.stringify(text.slice(0, 200))}, not an http(s) URL without credentials`,
    );
  }
  return new URL(parsed.data);
}

async function ask(url: URL, agent: Dispatcher, { signal }: Limits): Promise<Dispatcher.ResponseData> {
  try {
    const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'tiltyard' };
    const response = await request(url, { dispatcher: agent, method: 'GET', headers, signal });
    response.body.on('error', () => undefined); // a body that we leave unread may fail unheard
    return response;
  } catch (error) {
    throw classifyFailure(error, 'request', url.host);
  }
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData, from: URL): URL | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode);
  return isRedirect && typeof headers.location === 'string' ? checkedUrl(headers.location, from) : undefined;
}

async function receive(
  url: URL,
  response: Dispatcher.ResponseData,
  consume: Consume,
  { maxBytes, signal, watch }: Limits,
): Promise<Downloaded> {
  const { statusCode, headers } = response;
  if (statusCode !== 200) throw new DownloadFailure(`http_${statusCode}`, `${url.host} answered HTTP ${statusCode}`);
  const tooLarge = new DownloadFailure('too_large', `more than ${maxBytes} bytes`);
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge;
  let result: ReadResult;
  try {
    const isPlain = encodingOf(response) === undefined;
    const content = isPlain ? response.body : decoded(response, { maxBytes, tooLarge, watch });
    const take: Consume = (chunk) => {
      if (isPlain) watch.received(chunk.byteLength);
      return consume(chunk);
    };
    result = await readContent(content, take, { maxBytes, signal });
  } catch (error) {
    if (isFault(error, StoreError, 'too_large')) throw tooLarge;
    if (error instanceof StoreError && error.code !== 'content_failed') throw error; // ours, as a full disk
    const cause = error instanceof StoreError && 'cause' in error.fault ? error.fault.cause : error;
    throw classifyFailure(cause, 'body', url.host);
  }
  const contentType = typeof headers['content-type'] === 'string' ? headers['content-type'].slice(0, 200) : undefined;
  return { ok: true, url: url.href, ...result, contentType, transfer: watch.transfer };
}

interface Bounds {
  readonly maxBytes: number;
  readonly tooLarge: DownloadFailure;
  readonly watch: TransferWatch;
}

/** How an answer's body is compressed; undefined where it is not. */
function encodingOf({ headers }: Dispatcher.ResponseData): string | undefined {
  const encoding = String(headers['content-encoding'] ?? 'identity')
    .trim()
    .toLowerCase();
  return encoding === 'identity' || encoding === '' ? undefined : encoding;
}

/**
 * The body as the file was meant. We ask for it plain; some buckets send what they hold compressed all the same.
 * Both sides of a decoder are bounded: a bomb swells behind it, and padding could flow into it for ever.
 */
function decoded(response: Dispatcher.ResponseData, bounds: Bounds): Readable {
  const decoder = decoderOf(encodingOf(response) ?? '');
  const bounded = Readable.from(boundedBytes(response.body, bounds));
  pipeline(bounded, decoder, () => undefined); // an error of either reaches the reader of the decoder
  return decoder;
}

function decoderOf(encoding: string) {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'deflate') return createInflate();
  if (encoding === 'br') return createBrotliDecompress();
  throw new DownloadFailure('bad_encoding', `the answer is encoded as ${JSON.stringify(encoding.slice(0, 40))}`);
}

/** What comes over the network is counted before it swells: a few bytes that decode to many are still few. */
async function* boundedBytes(body: AsyncIterable<Uint8Array>, { maxBytes, tooLarge, watch }: Bounds) {
  let sizeBytes = 0;
  for await (const chunk of body) {
    watch.received(chunk.byteLength);
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) throw tooLarge;
    yield chunk;
  }
}
