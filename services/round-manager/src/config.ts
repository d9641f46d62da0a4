import type { Environment } from '@tiltyard/schema';
import {
  type ChainConfig,
  type KitConfig,
  type KitSecrets,
  readChainConfig,
  readKitConfig,
  readTogether,
} from '@tiltyard/service-kit';

/** What the round-manager is configured by. */
export interface RoundManagerConfig {
  readonly config: KitConfig;
  readonly secrets: KitSecrets;
  readonly chain: ChainConfig;
}

/** Reads the configuration from the environment. @throws ConfigError */
export function readConfig(environment: Environment): RoundManagerConfig {
  const { kit, chain } = readTogether({
    kit: () => readKitConfig(environment),
    chain: () => readChainConfig(environment),
  });
  return { ...kit, chain };
}
