import { imageName } from '@tiltyard/rules/gen3d';
import { type Environment, Hotkey, IntText, ListText, NumberText, readEnvironment } from '@tiltyard/schema';
import { type KitConfig, type KitSecrets, readKitConfig, readTogether } from '@tiltyard/service-kit';
import { HostAndPort, readStoreConfig, type StoreConfig } from '@tiltyard/store';
import { z } from 'zod';

const Seconds = (least: number, most: number) => NumberText.pipe(z.number().min(least).max(most));

const VARIABLES = {
  GPU_PROVIDERS: ListText.pipe(z.array(z.enum(['local'])).min(1)).prefault('local'),
  GPU_TYPE: z.string().max(100).optional(),
  LOCAL_IMAGE_DIR: z.string().min(1),
  LOCAL_POD_DIR: z.string().min(1),
  BUILDER: z.enum(['local']).default('local'),
  LOCAL_SOURCES_DIR: z.string().min(1),
  IMAGE_FORMAT: z
    .string()
    .max(300)
    .refine(tellsImagesApart, 'does not hold both {hotkey10} and {tag}')
    .default('local/{hotkey10}:{tag}'),
  BUILD_LOOK_SECONDS: Seconds(0.1, 3600).default(60),
  BUILD_SECOND_LOOK_SECONDS: Seconds(0.1, 3600).default(120),
  POD_SPACING_SECONDS: Seconds(0, 3600).default(30),
  POD_ACQUIRE_RETRY_SECONDS: Seconds(0.1, 3600).default(120),
  POD_ACQUIRE_HOURS: Seconds(0.001, 240).default(24),
  POD_VISIBLE_MINUTES: Seconds(0.01, 600).default(30),
  POD_HEALTH_INTERVAL_SECONDS: Seconds(0.05, 600).default(5),
  POD_SWEEP_MINUTES: Seconds(0.001, 600).default(10),
  RUN_RETRY_SECONDS: Seconds(0.1, 86_400).default(900),
  PROMPT_ALLOW_HOSTS: ListText.pipe(z.array(HostAndPort)).optional(),
  MODEL_DIR: z.string().min(1).optional(),
  EMBED_THREADS: IntText.pipe(z.int().min(1).max(128)).default(2),
  PUBLISH_INTERVAL_SECONDS: Seconds(0.1, 600).default(300),
  RENDER_PROCESSES: IntText.pipe(z.int().min(1).max(64)).default(1),
};

/** Whether a format makes a name for an image; found out here, since the first build may be days away. */
function tellsImagesApart(format: string): boolean {
  try {
    imageName(format, Hotkey.parse('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY'), 'tag');
    return true;
  } catch {
    return false;
  }
}

/** How pods are acquired and watched. */
export interface PodConfig {
  readonly gpu: string | undefined;
  readonly spacingMs: number;
  readonly acquireRetryMs: number;
  readonly acquireMs: number;
  readonly visibleMs: number;
  readonly healthIntervalMs: number;
  /** Time between two searches for pods that no run owns. */
  readonly sweepMs: number;
}

/** What the generation-orchestrator is configured by. */
export interface OrchestratorConfig {
  readonly config: KitConfig;
  readonly secrets: KitSecrets;
  readonly store: StoreConfig;
  readonly providers: readonly 'local'[];
  readonly local: { readonly imageDir: string; readonly podDir: string; readonly sourcesDir: string };
  readonly builds: { readonly imageFormat: string; readonly lookMs: number; readonly secondLookMs: number };
  readonly pods: PodConfig;
  /** Hosts of a local network that prompt images and stored objects may lie on. */
  readonly allowHosts: readonly string[];
  readonly embed: { readonly modelDir: string | undefined; readonly threads: number };
  readonly publishIntervalMs: number;
  /** Pause before a run is started again that our side, or a leader's container, could not finish. */
  readonly runRetryMs: number;
  readonly render: { readonly processes: number };
}

/** Reads the configuration from the environment. @throws ConfigError */
export function readConfig(environment: Environment): OrchestratorConfig {
  const { env, kit, store } = readTogether({
    env: () => readEnvironment(VARIABLES, environment),
    kit: () => readKitConfig(environment),
    store: () => readStoreConfig(environment),
  });
  return {
    ...kit,
    store,
    providers: env.GPU_PROVIDERS,
    local: { imageDir: env.LOCAL_IMAGE_DIR, podDir: env.LOCAL_POD_DIR, sourcesDir: env.LOCAL_SOURCES_DIR },
    builds: {
      imageFormat: env.IMAGE_FORMAT,
      lookMs: env.BUILD_LOOK_SECONDS * 1000,
      secondLookMs: env.BUILD_SECOND_LOOK_SECONDS * 1000,
    },
    pods: {
      gpu: env.GPU_TYPE,
      spacingMs: env.POD_SPACING_SECONDS * 1000,
      acquireRetryMs: env.POD_ACQUIRE_RETRY_SECONDS * 1000,
      acquireMs: env.POD_ACQUIRE_HOURS * 3_600_000,
      visibleMs: env.POD_VISIBLE_MINUTES * 60_000,
      healthIntervalMs: env.POD_HEALTH_INTERVAL_SECONDS * 1000,
      sweepMs: env.POD_SWEEP_MINUTES * 60_000,
    },
    allowHosts: env.PROMPT_ALLOW_HOSTS ?? [],
    embed: { modelDir: env.MODEL_DIR, threads: env.EMBED_THREADS },
    publishIntervalMs: env.PUBLISH_INTERVAL_SECONDS * 1000,
    runRetryMs: env.RUN_RETRY_SECONDS * 1000,
    render: { processes: env.RENDER_PROCESSES },
  };
}
