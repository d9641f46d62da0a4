import { HttpUrl } from '@tiltyard/schema';
import { z } from 'zod';
import { JudgeError } from './judge-error.js';

/** Where the judges' models answer, and how hard they may be asked. Holds a secret: never log it whole. */
export const EndpointConfig = z.strictObject({
  /** Of an OpenAI-compatible interface, up to and including `/v1`. */
  baseUrl: HttpUrl,
  /** Empty for an endpoint that asks for none. */
  apiKey: z.string().max(1000).default(''),
  /** Requests under way at once, over all matches. */
  concurrency: z.int().min(1).max(1000).default(8),
  /** Bound of one try, its body included. Node's own limit for the first byte is 300 s. */
  timeoutMs: z.int().min(100).max(290_000).default(180_000),
  tries: z.int().min(1).max(100).default(6),
  firstWaitMs: z.int().min(0).max(60_000).default(1_000),
  maxWaitMs: z.int().min(0).max(600_000).default(60_000),
  /** Another endpoint of the same models, asked where the first gives no answer; as hard as the first. */
  fallback: z.strictObject({ baseUrl: HttpUrl, apiKey: z.string().max(1000).default('') }).optional(),
});
export type EndpointConfig = z.infer<typeof EndpointConfig>;

const VARIABLES = {
  baseUrl: 'JUDGE_BASE_URL',
  apiKey: 'JUDGE_API_KEY',
  concurrency: 'JUDGE_CONCURRENCY',
  timeoutMs: 'JUDGE_TIMEOUT_MS',
  tries: 'JUDGE_TRIES',
  firstWaitMs: 'JUDGE_FIRST_WAIT_MS',
  maxWaitMs: 'JUDGE_MAX_WAIT_MS',
} as const;

const FALLBACK_VARIABLES = { baseUrl: 'JUDGE_FALLBACK_BASE_URL', apiKey: 'JUDGE_FALLBACK_API_KEY' } as const;

/**
 * Reads the endpoint's configuration from the environment: JUDGE_BASE_URL, and optionally JUDGE_API_KEY,
 * JUDGE_CONCURRENCY, JUDGE_TIMEOUT_MS, JUDGE_TRIES, JUDGE_FIRST_WAIT_MS, JUDGE_MAX_WAIT_MS, JUDGE_FALLBACK_BASE_URL,
 * JUDGE_FALLBACK_API_KEY. An empty variable counts as absent. What can change a verdict is not here but in the round's rules.
 *
 * @throws JudgeError `bad_config`, naming the variable
 */
export function readEndpointConfig(env: Readonly<Record<string, string | undefined>>): EndpointConfig {
  const given: Record<string, string | number | object> = {};
  for (const [field, variable] of Object.entries(VARIABLES)) {
    const value = env[variable];
    if (value) given[field] = field === 'baseUrl' || field === 'apiKey' ? value : Number(value);
  }
  const fallback = Object.entries(FALLBACK_VARIABLES).flatMap(([field, variable]) =>
    env[variable] ? [[field, env[variable]] as const] : [],
  );
  if (fallback.length > 0) given.fallback = Object.fromEntries(fallback);
  const parsed = EndpointConfig.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const [field, inFallback] = (issue?.path ?? []).map(String);
  const variable =
    field === 'fallback'
      ? FALLBACK_VARIABLES[inFallback as keyof typeof FALLBACK_VARIABLES]
      : VARIABLES[field as keyof typeof VARIABLES];
  throw new JudgeError({ code: 'bad_config', field: variable, problem: issue?.message ?? 'is not usable' });
}
