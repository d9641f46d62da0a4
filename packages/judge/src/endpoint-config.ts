import { type Environment, HttpUrl, readFields, SecretText } from '@tiltyard/schema';
import { z } from 'zod';

/** Empty for an endpoint that asks for none. */
const ApiKey = z.string().max(1000).pipe(SecretText).prefault('');

const Fallback = z.strictObject({ baseUrl: HttpUrl, apiKey: ApiKey });

/** Where the judges' models answer, and how hard they may be asked. */
export const EndpointConfig = z.strictObject({
  /** Of an OpenAI-compatible interface, up to and including `/v1`. */
  baseUrl: HttpUrl,
  apiKey: ApiKey,
  /** Requests under way at once, over all matches. */
  concurrency: z.coerce.number().int().min(1).max(1000).default(8),
  /** Bound of one try, its body included. Node's own limit for the first byte is 300 s. */
  timeoutMs: z.coerce.number().int().min(100).max(290_000).default(180_000),
  tries: z.coerce.number().int().min(1).max(100).default(6),
  firstWaitMs: z.coerce.number().int().min(0).max(60_000).default(1_000),
  maxWaitMs: z.coerce.number().int().min(0).max(600_000).default(60_000),
  /** Another endpoint of the same models, asked where the first gives no answer; as hard as the first. */
  fallback: Fallback.optional(),
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
 * @throws ConfigError naming every variable that is missing or malformed
 */
export function readEndpointConfig(environment: Environment): EndpointConfig {
  const config = readFields(EndpointConfig.omit({ fallback: true }), VARIABLES, environment);
  const hasFallback = Object.values(FALLBACK_VARIABLES).some((variable) => environment[variable]?.trim());
  return hasFallback ? { ...config, fallback: readFields(Fallback, FALLBACK_VARIABLES, environment) } : config;
}
