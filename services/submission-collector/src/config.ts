import path from 'node:path';
import { type Environment, IntText, ListText, NumberText, readEnvironment } from '@tiltyard/schema';
import {
  type ChainConfig,
  type KitConfig,
  type KitSecrets,
  readChainConfig,
  readKitConfig,
  readTogether,
} from '@tiltyard/service-kit';
import { HostAndPort, readStoreConfig, type StoreConfig } from '@tiltyard/store';
import { z } from 'zod';

const VARIABLES = {
  NETUID: IntText.pipe(z.int().max(65_535)).optional(),
  DOWNLOAD_DIR: z.string().min(1).optional(),
  DOWNLOAD_JITTER_SECONDS: NumberText.pipe(z.number().min(0).max(3600)).default(300),
  DOWNLOADS_AT_ONCE: IntText.pipe(z.int().min(1).max(200)).default(10),
  DOWNLOADS_PER_HOST: IntText.pipe(z.int().min(1).max(200)).default(4),
  DOWNLOAD_RETRY_SECONDS: NumberText.pipe(z.number().min(0).max(600)).default(3),
  DOWNLOAD_ALLOW_HOSTS: ListText.pipe(z.array(HostAndPort)).optional(),
  PUBLISH_INTERVAL_SECONDS: NumberText.pipe(z.number().min(0.1).max(600)).default(300),
  RENDER_PROCESSES: IntText.pipe(z.int().min(1).max(64)).default(1),
};

/** How downloads are paced. What a download or a miner may cost is in the round's rules. */
export interface DownloadConfig {
  /** Each miner's downloads begin after a random pause of at most so long. */
  readonly jitterMs: number;
  readonly atOnce: number;
  readonly perHost: number;
  /** A try that is over by then costs nothing of that; ten seconds by default. */
  readonly freeMs?: number;
  /** Pause between the two tries of a download. */
  readonly retryPauseMs: number;
  /** Hosts of a local network, `host:port`, that may be reached although they are not public. */
  readonly allowHosts: readonly string[];
}

/** What the submission-collector is configured by. */
export interface CollectorConfig {
  readonly config: KitConfig;
  readonly secrets: KitSecrets;
  readonly chain: ChainConfig;
  /** For repositories whose config.json has no netuid. */
  readonly netuid: number | undefined;
  readonly store: StoreConfig;
  readonly downloads: DownloadConfig;
  /** Where downloads are until they are stored; by default next to the clone. Needs `atOnce` of the largest files. */
  readonly downloadDir: string;
  /** Finished downloads are published after so long at the latest. */
  readonly publishIntervalMs: number;
  readonly render: { readonly processes: number };
}

/** Reads the configuration from the environment. @throws ConfigError */
export function readConfig(environment: Environment): CollectorConfig {
  const { env, kit, chain, store } = readTogether({
    env: () => readEnvironment(VARIABLES, environment),
    kit: () => readKitConfig(environment),
    chain: () => readChainConfig(environment),
    store: () => readStoreConfig(environment),
  });
  return {
    ...kit,
    chain,
    netuid: env.NETUID,
    store,
    downloads: {
      jitterMs: env.DOWNLOAD_JITTER_SECONDS * 1000,
      atOnce: env.DOWNLOADS_AT_ONCE,
      perHost: env.DOWNLOADS_PER_HOST,
      retryPauseMs: env.DOWNLOAD_RETRY_SECONDS * 1000,
      allowHosts: env.DOWNLOAD_ALLOW_HOSTS ?? [],
    },
    downloadDir: path.resolve(env.DOWNLOAD_DIR ?? `${kit.config.ledger.dir}.downloads`),
    publishIntervalMs: env.PUBLISH_INTERVAL_SECONDS * 1000,
    render: { processes: env.RENDER_PROCESSES },
  };
}
