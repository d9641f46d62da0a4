import path from 'node:path';
import { VALIDATOR_URI } from '../../network/chain.js';
import type { NetworkLayout } from '../../network/layout.js';
import type { NetworkService } from './service-names.js';

/** Addresses of a running network, as its services are told them. */
export interface NetworkAddresses {
  readonly ledger: string;
  readonly chain: string;
  readonly store: string;
  readonly judge: string;
  /** `host:port` of the miners' CDNs, for the collector's allow-list. */
  readonly cdns: readonly string[];
}

/**
 * The environment that a service of a local network runs in: the one that `docs/operating.md` describes, with pauses
 * scaled down from minutes to fractions of a second.
 */
export function serviceEnvironment(
  name: NetworkService,
  layout: NetworkLayout,
  addresses: NetworkAddresses,
): Readonly<Record<string, string>> {
  const storeHost = new URL(addresses.store).host;
  const common = {
    TMPDIR: layout.tmp,
    LOG_LEVEL: 'info',
    HTTP_PORT: '0',
    LEDGER_REMOTE: addresses.ledger,
    LEDGER_DIR: path.join(layout.clones, name),
    // The weight-setter only reads.
    ...(name === 'weight-setter' ? {} : { LEDGER_SIGNING_KEY: path.join(layout.keys, name) }),
    TICK_MIN_SECONDS: '0.25',
    TICK_MAX_SECONDS: '1',
    TICK_GATHER_SECONDS: '0.1',
    CHAIN_ENDPOINTS: addresses.chain,
    STORE_DIR: layout.objects,
    STORE_PUBLIC_URL: addresses.store,
  };
  const own: Readonly<Record<NetworkService, Readonly<Record<string, string>>>> = {
    'round-manager': {},
    'submission-collector': {
      DOWNLOAD_JITTER_SECONDS: '1',
      DOWNLOADS_PER_HOST: '10',
      DOWNLOAD_RETRY_SECONDS: '0.2',
      DOWNLOAD_ALLOW_HOSTS: addresses.cdns.join(','),
      PUBLISH_INTERVAL_SECONDS: '5',
    },
    'generation-orchestrator': {
      LOCAL_IMAGE_DIR: layout.images,
      LOCAL_POD_DIR: layout.pods,
      LOCAL_SOURCES_DIR: layout.sources,
      BUILD_LOOK_SECONDS: '0.5',
      BUILD_SECOND_LOOK_SECONDS: '1',
      POD_SPACING_SECONDS: '0.5',
      POD_ACQUIRE_RETRY_SECONDS: '1',
      POD_ACQUIRE_HOURS: '0.02',
      POD_VISIBLE_MINUTES: '0.5',
      POD_HEALTH_INTERVAL_SECONDS: '0.1',
      PROMPT_ALLOW_HOSTS: storeHost,
      RUN_RETRY_SECONDS: '3',
      POD_SWEEP_MINUTES: '0.5',
      PUBLISH_INTERVAL_SECONDS: '3',
    },
    'judge-service': { JUDGE_BASE_URL: addresses.judge, MATCH_RETRY_SECONDS: '1', JUDGE_FIRST_WAIT_MS: '100' },
    'weight-setter': {
      NETUID: '17',
      WALLET_HOTKEY_URI: VALIDATOR_URI,
      WEIGHTS_INTERVAL_SECONDS: '1',
      WEIGHTS_RETRY_SECONDS: '1',
      WEIGHTS_ITERATION_SECONDS: '60',
    },
  };
  return { ...common, ...own[name] };
}

/** An environment as `node --env-file` and `util.parseEnv` read it. */
export function environmentText(environment: Readonly<Record<string, string>>): string {
  const quoted = (value: string) => {
    const quote = ["'", '"', '`'].find((mark) => !value.includes(mark)) ?? '';
    return quote + value + quote;
  };
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('');
}
