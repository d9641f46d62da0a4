import {
  type ChainConfig,
  type Environment,
  type KitConfig,
  type KitSecrets,
  readChainConfig,
  readKitConfig,
} from '@tiltyard/service-kit';

/** What the round-manager is configured by. */
export interface RoundManagerConfig {
  readonly config: KitConfig;
  readonly secrets: KitSecrets;
  readonly chain: ChainConfig;
}

/** Reads the configuration from the environment. @throws ConfigError */
export function readConfig(environment: Environment): RoundManagerConfig {
  return { ...readKitConfig(environment), chain: readChainConfig(environment) };
}
