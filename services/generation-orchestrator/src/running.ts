import type { PodName, PodProvider } from '@tiltyard/pods';
import type { Renderer } from '@tiltyard/render';
import { type JobQueue, type Logger, type Notices, openJobQueue } from '@tiltyard/service-kit';
import { openStore } from '@tiltyard/store';
import type { OrchestratorConfig } from './config.js';
import { openEmbedders } from './embedders.js';
import { type RunEnd, type RunJob, type RunPorts, runGeneration } from './generation-run.js';
import { openPromptImages } from './prompt-images.js';
import type { RoundMemory } from './round-memory.js';

export interface RunningOptions {
  readonly config: Pick<OrchestratorConfig, 'store' | 'embed' | 'pods' | 'allowHosts'>;
  /** Stays open: it is its owner's. */
  readonly renderer: Renderer;
  readonly providers: readonly PodProvider[];
  /** Names of pods in use, see PodSweep. */
  readonly owned: Set<PodName>;
  readonly memory: RoundMemory;
  readonly log: Logger;
  readonly notices: Notices;
  /** Called when a run has a result, or has ended. */
  readonly onNews: () => void;
}

/** Runs of containers; disposing it ends them with their pods and closes what they use. */
export interface Running extends AsyncDisposable {
  readonly runs: JobQueue<RunJob, RunEnd>;
}

/** Opens everything that runs and measures containers. @throws StoreError */
export async function openRunning(options: RunningOptions): Promise<Running> {
  const { config, renderer, providers, owned, memory, log, notices, onNews } = options;
  const { allowHosts } = config;
  const store = await openStore(config.store);
  const embedders = openEmbedders(config.embed, log);
  const ports: Omit<RunPorts, 'hindered'> = {
    providers,
    owned,
    memory,
    pods: config.pods,
    images: openPromptImages([...allowHosts, store.publicHost]),
    measuring: { renderer, store, embedders, allowHosts, log, notices },
    log,
    notices,
    onNews,
  };
  const runs = openJobQueue<RunJob, RunEnd>({
    // The tick starts no more than the round's rules allow.
    concurrency: Number.POSITIVE_INFINITY,
    work: (job, { signal, hindered }) => runGeneration(job, { ...ports, hindered }, signal),
    onSettled: onNews,
  });
  return {
    runs,
    async [Symbol.asyncDispose]() {
      await runs[Symbol.asyncDispose]();
      await embedders[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
