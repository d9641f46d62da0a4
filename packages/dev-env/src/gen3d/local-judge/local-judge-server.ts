import { createHash } from 'node:crypto';
import { EmbedError, type EmbedFault, openEmbedder } from '@tiltyard/embed';
import { HttpUrl, isFault } from '@tiltyard/schema';
import { downloadBytes } from '@tiltyard/store';
import fastify, { type FastifyReply } from 'fastify';
import PQueue from 'p-queue';
import type { SampleLog } from '../../server/sample-log.js';
import { SampleError } from '../objects/sample-error.js';
import { type Comparison, parseComparison } from './chat-request.js';
import { type FaultKind, type FaultOptions, faultPlan } from './fault-plan.js';
import { penaltyOf } from './penalty-curve.js';
import { type MeasureDistance, type PictureDistance, pictureDistances } from './picture-distance.js';

/** What the local judge calls itself, so that no one takes its verdicts for a model's. */
export const LOCAL_JUDGE_MODEL = 'tiltyard-descriptor-judge-not-a-vlm';

export interface LocalJudgeOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** `host:port` of the local network's servers that pictures may lie on; others must be on the public Internet. */
  readonly allowHosts: readonly string[];
  readonly faults: FaultOptions;
  readonly log: SampleLog;
}

/** A running local judge. */
export interface LocalJudge extends AsyncDisposable {
  /** The base of its API, as OpenAI's clients want it: ends in `/v1`. */
  readonly url: HttpUrl;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_PICTURE_BYTES = 16 * 1024 * 1024;
const PICTURE_TIMEOUT_MS = 15_000;
/** Pictures are decoded on every core; more comparisons at once would only wait for each other. */
const COMPARISONS_AT_ONCE = 2;

/**
 * Starts a judge that speaks OpenAI's chat API and looks at pictures with descriptor-v1 alone.
 *
 * It replaces a vision-language model where there is none: it compares colours and edges, not meaning.
 */
export async function startLocalJudge(options: LocalJudgeOptions): Promise<LocalJudge> {
  const embedder = await openEmbedder('descriptor-v1');
  const measure = pictureDistances(embedder);
  const queue = new PQueue({ concurrency: COMPARISONS_AT_ONCE });
  const faultOf = faultPlan(options.faults);
  const app = fastify({ bodyLimit: MAX_BODY_BYTES });
  let requests = 0;

  app.get('/health', () => ({ status: 'ok' }));
  app.get('/v1/models', () => ({
    object: 'list',
    data: [{ id: LOCAL_JUDGE_MODEL, object: 'model', created: 0, owned_by: 'tiltyard' }],
  }));
  app.post('/v1/chat/completions', async (request, reply) => {
    const fault = faultOf(requests++);
    if (fault) return misbehave(fault, reply);
    const asked = parseComparison(request.body);
    if ('problem' in asked) return refuse(reply, 400, 'bad_request', asked.problem);
    if (asked.model !== LOCAL_JUDGE_MODEL) {
      return refuse(reply, 404, 'model_not_found', `there is only ${LOCAL_JUDGE_MODEL} here`);
    }
    const gone = abortWhenGone(reply);
    return queue.add(() => answer(asked, measure, { ...options, signal: gone }, reply));
  });
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    if (status >= 500) options.log.warn({ error: String(error) }, 'a request failed');
    return refuse(reply, status, 'failed', status >= 500 ? 'internal error' : String(error));
  });

  const address = await app.listen({ host: options.host, port: options.port });
  const close = async (): Promise<void> => {
    app.server.closeAllConnections();
    await app.close();
    await embedder.close();
  };
  return { url: HttpUrl.parse(`${address}/v1`), close, [Symbol.asyncDispose]: close };
}

interface Reach {
  readonly allowHosts: readonly string[];
  readonly signal: AbortSignal;
}

async function answer(asked: Comparison, measure: MeasureDistance, reach: Reach, reply: FastifyReply) {
  const urls = [asked.promptUrl, ...asked.candidateUrls];
  const [prompt, ...candidates] = await Promise.all(urls.map((url) => download(url, reach)));
  const failed = [prompt, ...candidates].find((picture) => picture !== undefined && !picture.ok);
  if (failed && !failed.ok) {
    const status = failed.retryable ? 503 : 400;
    return refuse(
      reply,
      status,
      'picture_not_read',
      `a picture cannot be downloaded: ${failed.code}, ${failed.message}`,
    );
  }
  try {
    const distances = await Promise.all(candidates.map((candidate) => measure(bytesOf(prompt), bytesOf(candidate))));
    return completion(asked, distances);
  } catch (error) {
    if (!isPicturesFault(error)) throw error;
    return refuse(reply, 400, 'picture_not_read', error.message);
  }
}

const PICTURE_FAULTS: ReadonlySet<EmbedFault['code']> = new Set([
  'image_too_large',
  'too_many_pixels',
  'not_an_image',
  'blank_image',
]);

/** Whether the pictures are at fault, not this process: the same request would fail again. */
function isPicturesFault(error: unknown): error is Error {
  if (error instanceof EmbedError) return PICTURE_FAULTS.has(error.code);
  return isFault(error, SampleError, 'unreadable');
}

type Download = Awaited<ReturnType<typeof downloadBytes>>;

function download(url: string, { allowHosts, signal }: Reach): Promise<Download> {
  const limits = { maxBytes: MAX_PICTURE_BYTES, totalTimeoutMs: PICTURE_TIMEOUT_MS, maxRedirects: 0 };
  return downloadBytes(url, { ...limits, allowHosts, signal });
}

function bytesOf(download: Download | undefined): Uint8Array {
  if (!download?.ok) throw new Error('the download has failed');
  return download.bytes;
}

/** A chat completion that holds the verdict as JSON. The same comparison gets the same answer, but for its date. */
function completion(asked: Comparison, distances: readonly PictureDistance[]) {
  const [first, second] = distances.map(({ distance }) => penaltyOf(distance));
  const issues = distances.map(
    ({ distance, views }, index) =>
      `picture ${index + 1} is ${distance.toFixed(4)} from the prompt in the best of ${views} views`,
  );
  const verdict = { penalty_1: first, penalty_2: second, issues: `descriptor-v1, not a VLM: ${issues.join('; ')}` };
  return {
    id: `chatcmpl-${createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 24)}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: LOCAL_JUDGE_MODEL,
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        logprobs: null,
        message: { role: 'assistant', content: JSON.stringify(verdict), refusal: null },
      },
    ],
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  };
}

function misbehave(fault: FaultKind, reply: FastifyReply) {
  switch (fault) {
    case 'http_429':
      return refuse(reply.header('retry-after', '1'), 429, 'rate_limited', 'on purpose');
    case 'http_500':
      return refuse(reply, 500, 'server_error', 'on purpose');
    case 'garbage':
      return reply.type('application/json').send('{"choices": [{"message": {"content": "I would rather talk about');
    case 'cut_off':
      reply.hijack();
      reply.raw.destroy();
      return reply;
  }
}

function refuse(reply: FastifyReply, status: number, code: string, message: string) {
  return reply
    .status(status)
    .send({ error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', code } });
}

/** A signal that aborts when the client has gone (and, harmlessly, when it has its answer). */
function abortWhenGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 ? status : 500;
}
