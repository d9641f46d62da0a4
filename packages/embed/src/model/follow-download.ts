import type { Secret } from '@tiltyard/schema';
import { EmbedError } from '../embed-error.js';

const MAX_REDIRECTS = 5;

export interface DownloadRequest {
  readonly url: string;
  readonly token: Secret;
  /** Bytes that are already here. */
  readonly from: number;
  readonly signal: AbortSignal | undefined;
  readonly idleTimeoutMs: number;
}

/** A download under way. Dispose of it to let the connection go. */
export interface Download extends AsyncDisposable {
  /** Whether it goes on from `from`; else it starts over. */
  readonly resumed: boolean;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Starts a download, following redirects by hand: over https only (http on the loopback interface, for a mirror there),
 * and with the token for the first origin only, since the Hub hands large files over to other hosts.
 *
 * @throws {EmbedError} `download_failed`; the chunks throw it too.
 */
export async function followDownload(request: DownloadRequest): Promise<Download> {
  const idle = new IdleTimer(request.idleTimeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, idle.signal]) : idle.signal;
  const failed = (reason: string, extra: { status?: number; cause?: unknown } = {}) =>
    new EmbedError(
      {
        code: 'download_failed',
        url: request.url,
        detail: idle.signal.aborted ? `silent for ${request.idleTimeoutMs} ms` : reason,
        ...(extra.status === undefined ? {} : { status: extra.status }),
      },
      { cause: extra.cause },
    );
  try {
    const response = await follow(request, signal, failed);
    return {
      resumed: response.status === 206,
      chunks: readChunks(response, idle, failed),
      [Symbol.asyncDispose]: async () => {
        idle.stop();
        await response.body?.cancel().catch(() => undefined);
      },
    };
  } catch (cause) {
    idle.stop();
    if (cause instanceof EmbedError) throw cause;
    throw failed(causeOf(cause), { cause });
  }
}

type Failed = (reason: string, extra?: { status?: number; cause?: unknown }) => EmbedError;

async function follow({ url, token, from }: DownloadRequest, signal: AbortSignal, failed: Failed): Promise<Response> {
  const origin = new URL(url).origin;
  let next = new URL(url);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    if (!isSafe(next)) throw failed(`refused to go to ${next.origin}`, { status: 400 });
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (from > 0) headers.range = `bytes=${from}-`;
    if (next.origin === origin && token.reveal() !== '') headers.authorization = `Bearer ${token.reveal()}`;
    const response = await fetch(next, { headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      next = new URL(location, next);
      continue;
    }
    if (goesOn(response, from) || response.status === 200) return response;
    await response.body?.cancel();
    throw failed(adviceFor(response.status), { status: response.status });
  }
  throw failed(`more than ${MAX_REDIRECTS} redirects`, { status: 310 });
}

/** A partial answer counts only when it starts where we stopped. */
function goesOn(response: Response, from: number): boolean {
  return response.status === 206 && (response.headers.get('content-range') ?? '').startsWith(`bytes ${from}-`);
}

function isSafe(url: URL): boolean {
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback);
}

function adviceFor(status: number): string {
  if (status === 401) return 'the Hugging Face token is not accepted';
  if (status === 403) return "this account has no access: accept the model's licence on its page at Hugging Face";
  return 'unexpected answer';
}

async function* readChunks(response: Response, idle: IdleTimer, failed: Failed): AsyncGenerator<Uint8Array> {
  if (response.body === null) throw failed('empty answer');
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      idle.restart();
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof EmbedError) throw cause;
    throw failed(causeOf(cause), { cause });
  } finally {
    idle.stop();
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** Aborts when nothing happened for so long. */
class IdleTimer {
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    this.stop();
    this.#timer = this.#start();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(), this.#timeoutMs);
  }
}
