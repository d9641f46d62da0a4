import {
  ConfigError,
  type Environment,
  IntText,
  NumberText,
  readEnvironment,
  type Secret,
  SecretText,
} from '@tiltyard/schema';
import {
  type ChainConfig,
  type KitConfig,
  type KitSecrets,
  readChainConfig,
  readKitConfig,
  readTogether,
} from '@tiltyard/service-kit';
import { z } from 'zod';

const VARIABLES = {
  NETUID: IntText.pipe(z.int().max(65_535)),
  WALLET_HOTKEY_FILE: z.string().min(1).optional(),
  WALLET_HOTKEY_URI: z
    .string()
    // The keyring would make a key of any word, and then no one would notice whose weights are not set.
    .regex(/^\/\//, 'is not a development key such as //Alice')
    .pipe(SecretText)
    .optional(),
  WALLET_PASSWORD_FILE: z.string().min(1).optional(),
  WEIGHTS_INTERVAL_SECONDS: NumberText.pipe(z.number().min(0.1).max(86_400)).default(1800),
  WEIGHTS_RETRY_SECONDS: NumberText.pipe(z.number().min(0.1).max(3600)).default(300),
  WEIGHTS_ITERATION_SECONDS: NumberText.pipe(z.number().min(1).max(3600)).default(600),
};

/** What the weight-setter is configured by. */
export interface WeightSetterConfig {
  readonly config: KitConfig;
  readonly secrets: KitSecrets;
  readonly chain: ChainConfig;
  readonly netuid: number;
  /** The validator's hotkey: a Bittensor wallet file, or a development key such as //Alice. */
  readonly wallet:
    | { readonly kind: 'file'; readonly path: string; readonly passwordFile: string | undefined }
    | { readonly kind: 'uri'; readonly uri: Secret };
  readonly pace: Pace;
}

/** The share of a pause after a failure that chance puts on it or takes off. */
export const RETRY_JITTER = 0.2;

/** How often weights are set, in milliseconds. */
export interface Pace {
  readonly intervalMs: number;
  /** Pause after a failed attempt, give or take {@link RETRY_JITTER} of it. */
  readonly retryMs: number;
  /** The longest that one setting with its confirmation may take. */
  readonly iterationMs: number;
}

/** Reads the configuration from the environment. @throws ConfigError */
export function readConfig(environment: Environment): WeightSetterConfig {
  const { env, kit, chain } = readTogether({
    env: () => readOwn(environment),
    kit: () => readKitConfig(environment),
    chain: () => readChainConfig(environment),
  });
  const pace = {
    intervalMs: env.WEIGHTS_INTERVAL_SECONDS * 1000,
    retryMs: env.WEIGHTS_RETRY_SECONDS * 1000,
    iterationMs: env.WEIGHTS_ITERATION_SECONDS * 1000,
  };
  return {
    config: { ...kit.config, tick: roomFor(pace, kit.config.tick) },
    secrets: kit.secrets,
    chain,
    netuid: env.NETUID,
    wallet: env.wallet,
    pace,
  };
}

/** The bounds of a pause, wide enough for this service's own: they would cut it short, or draw it out, unheard. */
function roomFor({ intervalMs, retryMs }: Pace, tick: KitConfig['tick']): KitConfig['tick'] {
  const shortestRetryMs = retryMs * (1 - RETRY_JITTER);
  const longestRetryMs = retryMs * (1 + RETRY_JITTER);
  return {
    ...tick,
    minMs: Math.min(tick.minMs, intervalMs, shortestRetryMs),
    maxMs: Math.max(tick.maxMs, intervalMs, longestRetryMs),
  };
}

function readOwn(environment: Environment) {
  const env = readEnvironment(VARIABLES, environment);
  const { WALLET_HOTKEY_FILE: path, WALLET_HOTKEY_URI: uri, WALLET_PASSWORD_FILE: passwordFile } = env;
  let wallet: WeightSetterConfig['wallet'] | undefined;
  if (path !== undefined && uri === undefined) wallet = { kind: 'file', path, passwordFile };
  if (uri !== undefined && path === undefined) wallet = { kind: 'uri', uri };
  if (wallet !== undefined) return { ...env, wallet };
  const detail = 'or WALLET_HOTKEY_URI is needed, and only one';
  throw new ConfigError([{ variable: 'WALLET_HOTKEY_FILE', detail }]);
}
