import { type EndpointConfig, readEndpointConfig } from '@tiltyard/judge';
import { type Environment, IntText, NumberText, readEnvironment } from '@tiltyard/schema';
import {
  type ChainConfig,
  type KitConfig,
  type KitSecrets,
  readChainConfig,
  readKitConfig,
  readTogether,
} from '@tiltyard/service-kit';
import { readStoreConfig, type StoreConfig } from '@tiltyard/store';
import { z } from 'zod';

const VARIABLES = {
  MATCHES_AT_ONCE: IntText.pipe(z.int().min(1).max(100)).default(4),
  MATCH_RETRY_SECONDS: NumberText.pipe(z.number().min(0.1).max(86_400)).default(300),
};

/** What the judge-service is configured by. Who judges, and by which thresholds, is in the round's rules. */
export interface JudgeServiceConfig {
  readonly config: KitConfig;
  readonly secrets: KitSecrets;
  readonly chain: ChainConfig;
  /** Holds the judge's answers, so that a restart asks nothing twice. */
  readonly store: StoreConfig;
  /** Where the judge is, and how hard it may be worked. */
  readonly endpoint: EndpointConfig;
  readonly matchesAtOnce: number;
  /** Pause before a match is tried again that the judge left unresolved. */
  readonly matchRetryMs: number;
}

/** Reads the configuration from the environment. @throws ConfigError */
export function readConfig(environment: Environment): JudgeServiceConfig {
  const { env, kit, chain, store, endpoint } = readTogether({
    env: () => readEnvironment(VARIABLES, environment),
    kit: () => readKitConfig(environment),
    chain: () => readChainConfig(environment),
    store: () => readStoreConfig(environment),
    endpoint: () => readEndpointConfig(environment),
  });
  return {
    ...kit,
    chain,
    store,
    endpoint,
    matchesAtOnce: env.MATCHES_AT_ONCE,
    matchRetryMs: env.MATCH_RETRY_SECONDS * 1000,
  };
}
