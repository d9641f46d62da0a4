import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { BODY_CHARACTERS, PodError } from './pod-error.js';
import { readAtMost } from './read-at-most.js';

/** Where a pod answers; a running Pod of a provider fits. */
export interface PodSessionOptions {
  readonly url: string;
  /** Sent with every request, where the provider guards the pod. */
  readonly bearer?: string;
  /** Whether a gateway of the provider answers in front of the miner. */
  readonly proxied: boolean;
}

/** What a miner is asked for: a model of a picture, or of a text. */
export interface GenerationRequest {
  readonly prompt:
    | { readonly kind: 'image'; readonly image: Uint8Array; readonly fileName: string }
    | { readonly kind: 'text'; readonly text: string };
  readonly seed: number;
  /** From sending the request to the response's headers, in milliseconds. */
  readonly hardLimitMs?: number;
  /** From the headers to the end of the body, in milliseconds. */
  readonly downloadMs?: number;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export const GENERATE_DEFAULTS = { hardLimitMs: 180_000, downloadMs: 180_000, maxBytes: 209_715_200 } as const;
export const WAIT_HEALTHY_DEFAULTS = { timeoutMs: 3_600_000, intervalMs: 5000, probeTimeoutMs: 10_000 } as const;

/** A generation whose headers have come. */
export interface Generation {
  /** From sending the request to the response's headers. */
  readonly generationSeconds: number;
  /** The model while it downloads. The pod is free for its next request already. */
  readonly glb: Promise<Uint8Array>;
}

/** What gateways answer when what is behind them does not: RFC 9110's, and those of Cloudflare, which RunPod sits behind. */
const GATEWAY_STATUSES = new Set([502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530]);
/** No name, no route, no socket: nothing that a container could be the reason of. */
const OUR_ERRNOS: ReadonlySet<string> = new Set([
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN', 'EHOSTUNREACH', 'EADDRNOTAVAIL'],
  ...['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EACCES', 'EPERM'],
]);
const CONNECT_TIMEOUT_MS = 5000;
/** Longer than connecting may take, so that a probe can tell a host that is gone from one that is slow. */
const LAST_PROBE_MS = 10_000;
/** However little of a wait remains, a probe is given the time to say something. */
const SHORTEST_PROBE_MS = 500;

/** A client of one pod. Close it when done with the pod. */
export class PodSession implements AsyncDisposable {
  readonly #pod: PodSessionOptions;
  /**
   * Without limits of its own: ours are per request. Connections are not kept for the next request, since a kept one
   * may break on reuse, which would look like a dead pod; nor is the miner told to close them, since a server that
   * closes before it has read the whole request loses its answer.
   */
  readonly #agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 1,
    keepAliveMaxTimeout: 1,
  });

  constructor(pod: PodSessionOptions) {
    this.#pod = pod;
  }

  /**
   * Waits until GET /health answers 200.
   *
   * @throws {PodError} `not_healthy` after `timeoutMs`; `pod_unreachable` where it could not even be asked, for want of a
   *   name, a route or a socket of ours; the signal's reason.
   */
  async waitHealthy(
    options: { timeoutMs?: number; intervalMs?: number; probeTimeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<void> {
    const { timeoutMs, intervalMs, probeTimeoutMs, signal } = { ...WAIT_HEALTHY_DEFAULTS, ...options };
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const remainingMs = deadline - performance.now();
      const probe = await this.#probe(Math.min(probeTimeoutMs, Math.max(remainingMs, SHORTEST_PROBE_MS)), signal);
      if (probe.healthy) return;
      signal?.throwIfAborted();
      if (performance.now() + intervalMs >= deadline) {
        if (probe.isOurs) throw this.#unreachable(new Error(probe.says));
        throw new PodError({ code: 'not_healthy', url: this.#pod.url, timeoutMs, last: probe.says });
      }
      await sleep(intervalMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }

  /**
   * Whether GET /health answers 200 right now. After a connection that broke it tells a container, or a way to it, that does so
   * from a pod that is gone.
   */
  async isHealthy({ signal }: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
    return (await this.#probe(LAST_PROBE_MS, signal)).healthy;
  }

  /**
   * Asks for one model. Resolves when the headers have come; the body follows in `glb`.
   *
   * Whose fault a failure is, `isMinersFault` tells: an answer that is not 2xx or not HTTP, no answer in time, a body that is too
   * large, too slow or empty is the miner's. A connection that is refused or breaks, or a gateway that answers in the
   * miner's place, is not: the pod is gone, and its prompts go to another.
   *
   * @throws {PodError} `miner_status`, `miner_protocol`, `overtime`, `pod_unreachable`; `glb` throws `too_large`,
   *   `download_overtime`, `empty`, `miner_protocol`, `pod_unreachable`. Both throw the signal's reason.
   */
  async generate(asked: GenerationRequest): Promise<Generation> {
    const { hardLimitMs, downloadMs, maxBytes, signal } = { ...GENERATE_DEFAULTS, ...asked };
    signal?.throwIfAborted();
    const stop = new AbortController();
    const onAbort = () => stop.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const letGo = () => signal?.removeEventListener('abort', onAbort);
    try {
      const form = await encodeForm(asked);
      const start = performance.now();
      const response = await this.#answer(form, stop, hardLimitMs, signal);
      const generationSeconds = (performance.now() - start) / 1000;
      await this.#refuseFailure(response, downloadMs);
      const glb = this.#download(response, { downloadMs, maxBytes, stop, signal }).finally(letGo);
      // Dropping a generation without awaiting its model must not bring the process down.
      glb.catch(() => undefined);
      return { generationSeconds, glb };
    } catch (error) {
      letGo();
      stop.abort();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #answer(
    form: Form,
    stop: AbortController,
    hardLimitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Dispatcher.ResponseData> {
    let overtime = false;
    const timer = setTimeout(() => {
      overtime = true;
      stop.abort();
    }, hardLimitMs);
    try {
      return await this.#send('POST', '/generate', stop.signal, form);
    } catch (cause) {
      signal?.throwIfAborted();
      if (!overtime) throw isProtocolError(cause) ? notHttp(cause) : this.#unreachable(cause);
      // A machine that vanished without a word looks like a slow miner; one that still takes connections is slow.
      const probe = await this.#probe(LAST_PROBE_MS, signal);
      signal?.throwIfAborted();
      if (probe.connected) throw new PodError({ code: 'overtime', hardLimitMs }, { cause });
      throw this.#unreachable(new Error(probe.says));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Throws for an answer that is no model. */
  async #refuseFailure({ statusCode, body }: Dispatcher.ResponseData, timeoutMs: number): Promise<void> {
    if (statusCode >= 200 && statusCode < 300) return;
    const text = await beginningOf(body, Math.min(timeoutMs, LAST_PROBE_MS));
    if (this.#pod.proxied && GATEWAY_STATUSES.has(statusCode)) {
      throw this.#unreachable(new Error(`its gateway answered ${statusCode}: ${text}`));
    }
    throw new PodError({ code: 'miner_status', status: statusCode, body: text });
  }

  async #download(
    { body }: Dispatcher.ResponseData,
    { downloadMs, maxBytes, stop, signal }: DownloadBounds,
  ): Promise<Uint8Array> {
    let overtime = false;
    const timer = setTimeout(() => {
      overtime = true;
      stop.abort();
    }, downloadMs);
    try {
      const bytes = await readAtMost(body, maxBytes);
      if (bytes === undefined) throw new PodError({ code: 'too_large', maxBytes });
      if (bytes.byteLength === 0) throw new PodError({ code: 'empty' });
      return bytes;
    } catch (cause) {
      if (cause instanceof PodError) throw cause;
      signal?.throwIfAborted();
      if (overtime) throw new PodError({ code: 'download_overtime', downloadMs }, { cause });
      if (isProtocolError(cause)) throw notHttp(cause);
      throw this.#unreachable(cause);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks for the pod's health once; tells as well whether anything there takes connections. */
  async #probe(timeoutMs: number, signal?: AbortSignal): Promise<Probe> {
    const bound = AbortSignal.timeout(Math.ceil(timeoutMs));
    try {
      const { statusCode, body } = await this.#send(
        'GET',
        '/health',
        signal ? AbortSignal.any([bound, signal]) : bound,
      );
      const text = await beginningOf(body, timeoutMs);
      return { healthy: statusCode === 200, connected: true, isOurs: false, says: `health is ${statusCode}: ${text}` };
    } catch (error) {
      if (bound.aborted)
        return { healthy: false, connected: true, isOurs: false, says: `no health within ${Math.round(timeoutMs)} ms` };
      const isOurs = OUR_ERRNOS.has((error as NodeJS.ErrnoException).code ?? '');
      return { healthy: false, connected: false, isOurs, says: reasonOf(error) };
    }
  }

  #send(method: 'GET' | 'POST', path: string, signal: AbortSignal, form?: Form): Promise<Dispatcher.ResponseData> {
    return request(`${this.#pod.url}${path}`, {
      method,
      signal,
      dispatcher: this.#agent,
      headers: {
        ...(this.#pod.bearer === undefined ? {} : { authorization: `Bearer ${this.#pod.bearer}` }),
        ...(form === undefined ? {} : { 'content-type': form.contentType }),
      },
      ...(form === undefined ? {} : { body: form.bytes }),
    });
  }

  #unreachable(cause: unknown): PodError {
    return new PodError({ code: 'pod_unreachable', url: this.#pod.url, detail: reasonOf(cause) }, { cause });
  }
}

interface Probe {
  readonly healthy: boolean;
  readonly connected: boolean;
  /** Whether the question did not leave our side. */
  readonly isOurs: boolean;
  readonly says: string;
}

interface DownloadBounds {
  readonly downloadMs: number;
  readonly maxBytes: number;
  readonly stop: AbortController;
  readonly signal: AbortSignal | undefined;
}

interface Form {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** The request's fields as multipart/form-data, in one piece, so that it is sent with its length. */
async function encodeForm({ prompt, seed }: GenerationRequest): Promise<Form> {
  const form = new FormData();
  if (prompt.kind === 'text') form.append('prompt', prompt.text);
  else form.append('prompt_image_file', new Blob([new Uint8Array(prompt.image)]), prompt.fileName);
  form.append('seed', String(seed));
  const encoded = new Response(form);
  const contentType = encoded.headers.get('content-type') ?? 'multipart/form-data';
  return { bytes: new Uint8Array(await encoded.arrayBuffer()), contentType };
}

/** A parser's complaint about what was sent. That the connection ended too early is none: that may be the pod's death. */
function isProtocolError(error: unknown): boolean {
  const { name, code } = error as NodeJS.ErrnoException;
  return code === 'UND_ERR_HEADERS_OVERFLOW' || (name === 'HTTPParserError' && code !== 'HPE_INVALID_EOF_STATE');
}

function notHttp(cause: unknown): PodError {
  return new PodError({ code: 'miner_protocol', detail: reasonOf(cause) }, { cause });
}

/** The first characters of an answer, as far as they come in time. */
async function beginningOf(body: Dispatcher.ResponseData['body'], timeoutMs: number): Promise<string> {
  const timer = setTimeout(() => body.destroy(), timeoutMs);
  let text = '';
  try {
    const decoder = new TextDecoder();
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= BODY_CHARACTERS) break;
    }
  } catch {
    // What has come so far has to do.
  } finally {
    clearTimeout(timer);
  }
  return text.slice(0, BODY_CHARACTERS);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message || code || error.name;
}
