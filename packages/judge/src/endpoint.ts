import { setTimeout as sleep } from 'node:timers/promises';
import type { Secret } from '@tiltyard/schema';
import { startDeadline } from '@tiltyard/store';
import { APIConnectionError, APIError, OpenAI } from 'openai';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import PQueue from 'p-queue';
import type { z } from 'zod';
import { boundedFetch } from './bounded-fetch.js';
import type { EndpointConfig } from './endpoint-config.js';
import { withFallback } from './fallback-endpoint.js';
import type { JudgeEndpoint, JudgeLog } from './interfaces.js';
import { JudgeError, type UnansweredFault } from './judge-error.js';
import { parseAnswer } from './parse-answer.js';
import { retryAfterMs, retryDelayMs } from './retry-delay.js';

/** What became of one try. */
type Try<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly fault: UnansweredFault; readonly askedMs: number | undefined };

/** Opens an endpoint, with the one behind it where the configuration names one. Nothing is asked of them yet. */
export function openEndpoint({ fallback, ...config }: EndpointConfig, log: JudgeLog): JudgeEndpoint {
  const first = openOne(config, log);
  return fallback === undefined ? first : withFallback(first, openOne({ ...config, ...fallback }, log), log);
}

function openOne(config: EndpointConfig, log: JudgeLog): JudgeEndpoint {
  const client = new OpenAI({
    baseURL: config.baseUrl,
    apiKey: config.apiKey.reveal() || 'none', // the client insists on one
    // The client would otherwise take these from the environment, behind our configuration's back.
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    logLevel: 'off',
    maxRetries: 0, // an answer of the wrong form must count as a try too, so the tries are ours
    timeout: config.timeoutMs,
    fetch: boundedFetch,
  });
  const queue = new PQueue({ concurrency: config.concurrency });
  return {
    async ask(request, form, { priority, signal }) {
      for (let tries = 1; ; tries++) {
        const outcome = await queue.add(() => tryOnce(client, request, form, config, tries, signal), {
          priority,
          ...(signal ? { signal } : {}),
        });
        if (outcome.kind === 'answered') return outcome.answer;
        const { fault, askedMs } = outcome;
        if (fault.code === 'refused' || tries >= config.tries) throw new JudgeError(fault);
        const waitMs = retryDelayMs(tries, Math.random(), askedMs, config);
        log.debug({ ...fault, waitMs: Math.round(waitMs) }, 'the judge is asked again');
        await sleep(waitMs, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
      }
    },
    load: () => ({ running: queue.pending, waiting: queue.size }),
  };
}

async function tryOnce<Answer>(
  client: OpenAI,
  request: ChatCompletionCreateParamsNonStreaming,
  form: z.ZodType<Answer>,
  config: EndpointConfig,
  tries: number,
  signal: AbortSignal | undefined,
): Promise<Try<Answer>> {
  const { model } = request;
  // The client's own timeout ends with the headers; this one covers a body that drips.
  using deadline = startDeadline(config.timeoutMs, signal);
  try {
    const { data, response } = await client.chat.completions
      .create(request, { signal: deadline.signal })
      .withResponse();
    const parsed = parseAnswer(data, form);
    if (parsed.ok) return { kind: 'answered', answer: parsed.answer };
    const fault = { model, tries, detail: withoutKey(parsed.problem, config.apiKey), httpStatus: response.status };
    return { kind: 'failed', fault: { code: parsed.code, ...fault }, askedMs: retryAfterMs(response.headers) };
  } catch (error) {
    signal?.throwIfAborted();
    const { httpStatus, askedMs } = answerOf(error);
    const problem = deadline.expired ? `no answer within ${config.timeoutMs} ms` : problemOf(error, config.apiKey);
    if (httpStatus !== undefined && REFUSALS.has(httpStatus) && !isPassing(problem)) {
      return { kind: 'failed', fault: { code: 'refused', model, httpStatus, detail: problem }, askedMs };
    }
    return { kind: 'failed', fault: { code: 'unavailable', model, tries, httpStatus, detail: problem }, askedMs };
  }
}

/** Statuses that stay so however often they are asked. Of any other, such as a gateway's own 424 or 499, the next try may come through. */
const REFUSALS: ReadonlySet<number> = new Set([
  400, 401, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422, 431, 451,
]);

/** How endpoints say that a picture could not be fetched, and that they have too much to do. */
const PASSING_WORDS = [
  ...['download', 'fetch', 'timed out', 'timeout', 'invalid_image_url', 'connect'],
  ...['throttl', 'rate limit', 'rate_limit', 'overload', 'capacity', 'unavailable', 'temporar', 'try again'],
] as const;

/**
 * Whether a refusal says that a picture could not be fetched, or that the endpoint is overloaded: then the store, the way there
 * or the endpoint is out of order, and not what is refused. Endpoints have no common code for either, so their words decide.
 */
function isPassing(problem: string): boolean {
  const text = problem.toLowerCase();
  return PASSING_WORDS.some((word) => text.includes(word));
}

function answerOf(error: unknown): { readonly httpStatus: number | undefined; readonly askedMs: number | undefined } {
  if (!(error instanceof APIError)) return { httpStatus: undefined, askedMs: undefined };
  const { status, headers } = error as APIError<number | undefined, Headers | undefined>;
  return { httpStatus: status, askedMs: headers && retryAfterMs(headers) };
}

/** What an error says, short, and without our key, which some endpoints repeat. */
function problemOf(error: unknown, apiKey: Secret): string {
  const parts = [messageOf(error)];
  if (error instanceof APIConnectionError || error instanceof TypeError) parts.push(messageOf(error.cause));
  const text = parts.filter((part) => part !== '').join(': ');
  return withoutKey(text, apiKey);
}

function withoutKey(text: string, apiKey: Secret): string {
  const key = apiKey.reveal();
  return (key === '' ? text : text.replaceAll(key, '[key]')).slice(0, 300);
}

function messageOf(error: unknown): string {
  if (error === undefined) return '';
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.message === 'fetch failed' ? messageOf(error.cause) : error.message;
}
