import { type ChainAddress, ChainError, chainAddress } from '@tiltyard/chain/address';
import { remoteProblem } from '@tiltyard/ledger';
import {
  ConfigError,
  type Environment,
  IntText,
  NumberText,
  readEnvironment,
  type Secret,
  SecretText,
} from '@tiltyard/schema';
import { z } from 'zod';

/**
 * Variables that every service reads. `docs/operating.md` describes each. The remote's credentials are read by the ledger
 * itself: TILTYARD_GIT_TOKEN or TILTYARD_GIT_TOKEN_FILE, GIT_SSH_COMMAND.
 */
const KIT_VARIABLES = {
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  HTTP_HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: IntText.pipe(z.int().max(65_535)).default(9100),
  LEDGER_REMOTE: z
    .string()
    .min(1)
    .max(2048)
    .superRefine((text, context) => {
      const problem = remoteProblem(text);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    }),
  LEDGER_BRANCH: z
    .string()
    .regex(/^[\w./-]{1,100}$/, 'is not a branch name')
    .default('main'),
  LEDGER_DIR: z.string().min(1),
  LEDGER_SIGNING_KEY: z.string().max(2000).optional(),
  TICK_MIN_SECONDS: NumberText.pipe(z.number().min(0.05).max(3600)).default(120),
  TICK_MAX_SECONDS: NumberText.pipe(z.number().min(0.05).max(86_400)).default(1800),
  TICK_GATHER_SECONDS: NumberText.pipe(z.number().min(0).max(600)).default(5),
  DISCORD_WEBHOOK_URL: z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'is not an http(s) URL')
    .pipe(SecretText)
    .optional(),
};

/** What every service is configured by, secrets aside. */
export interface KitConfig {
  readonly logLevel: z.output<typeof KIT_VARIABLES.LOG_LEVEL>;
  /** Where /metrics, /healthz and /readyz are served. Port 0 takes a free one. */
  readonly http: { readonly host: string; readonly port: number };
  readonly ledger: {
    readonly remote: string;
    readonly branch: string;
    readonly dir: string;
    readonly signingKeyFile: string | undefined;
  };
  /** The shortest and the longest pause between two ticks, and how long completions gather before one. */
  readonly tick: { readonly minMs: number; readonly maxMs: number; readonly gatherMs: number };
}

/** What every service may be trusted with. */
export interface KitSecrets {
  readonly discordWebhookUrl: Secret | undefined;
}

/** The variables that every service shares. @throws ConfigError */
export function readKitConfig(environment: Environment): { readonly config: KitConfig; readonly secrets: KitSecrets } {
  const env = readEnvironment(KIT_VARIABLES, environment);
  if (env.TICK_MIN_SECONDS > env.TICK_MAX_SECONDS) {
    throw new ConfigError([{ variable: 'TICK_MIN_SECONDS', detail: 'is more than TICK_MAX_SECONDS' }]);
  }
  return {
    config: {
      logLevel: env.LOG_LEVEL,
      http: { host: env.HTTP_HOST, port: env.HTTP_PORT },
      ledger: {
        remote: env.LEDGER_REMOTE,
        branch: env.LEDGER_BRANCH,
        dir: env.LEDGER_DIR,
        signingKeyFile: env.LEDGER_SIGNING_KEY,
      },
      tick: {
        minMs: env.TICK_MIN_SECONDS * 1000,
        maxMs: env.TICK_MAX_SECONDS * 1000,
        gatherMs: env.TICK_GATHER_SECONDS * 1000,
      },
    },
    secrets: { discordWebhookUrl: env.DISCORD_WEBHOOK_URL },
  };
}

const CHAIN_VARIABLES = {
  CHAIN_ENDPOINTS: z.string().transform((text, context) => {
    try {
      return chainAddress(text);
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  }),
  CHAIN_STALE_HEAD_SECONDS: NumberText.pipe(z.number().min(1).max(3600)).default(60),
};

/** Where the chain is reached, and which one it must be where CHAIN_ENDPOINTS gives a name. */
export interface ChainConfig extends ChainAddress {
  /** Without a new block for so long, the connection counts as dead. */
  readonly staleHeadMs: number;
}

/** The variables of services that read the chain. @throws ConfigError */
export function readChainConfig(environment: Environment): ChainConfig {
  const env = readEnvironment(CHAIN_VARIABLES, environment);
  return { ...env.CHAIN_ENDPOINTS, staleHeadMs: env.CHAIN_STALE_HEAD_SECONDS * 1000 };
}
