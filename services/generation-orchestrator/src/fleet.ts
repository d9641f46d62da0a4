import { setTimeout as sleep } from 'node:timers/promises';
import {
  isImagesFault,
  PodError,
  type PodName,
  type PodProvider,
  PodSession,
  podName,
  waitRunning,
} from '@tiltyard/pods';
import { type PodOutcome, type PodStage, podsToStart } from '@tiltyard/rules/gen3d';
import type { Side } from '@tiltyard/schema';
import type { Thresholds } from '@tiltyard/schema/gen3d';
import type { Logger } from '@tiltyard/service-kit';
import type { PodConfig } from './config.js';

/** One pod of a miner's run, from its order to its end. */
export interface FleetPod {
  readonly name: PodName;
  readonly provider: PodProvider;
  stage: PodStage;
  /** Present once healthy. */
  session: PodSession | undefined;
  /** What it made, in order. */
  readonly history: PodOutcome[];
  /** Why it was given up, for pod_stats.json. */
  reason: string | null;
}

export interface FleetOptions {
  readonly round: number;
  readonly side: Side;
  readonly image: string;
  readonly providers: readonly PodProvider[];
  /** Names of the pods in use, for whoever deletes the others: each is there from its order to its deletion. */
  readonly owned: Set<PodName>;
  readonly generation: Thresholds['generation'];
  readonly config: PodConfig;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Called when a pod has become healthy. */
  readonly onHealthy: (pod: FleetPod) => void;
  /** Called whenever something about the pods has changed. */
  readonly onChange: () => void;
}

/** The pods of one run: orders them by plan, waits for them, and deletes every one at the end. */
export interface Fleet extends AsyncDisposable {
  readonly pods: readonly FleetPod[];
  /** Orders what the plan misses. Called after every change. */
  reconcile(): void;
  /** Pods that are starting, or may still be ordered. */
  readonly toCome: number;
  /** Gives a pod up: the container's fault (`bad`) or the provider's (`lost`). */
  giveUp(pod: FleetPod, stage: 'bad' | 'lost', reason: string): void;
  /** Gives up a pod that does not answer any more: a container that ended by itself is `bad`, all else is `lost`. */
  giveUpSilent(pod: FleetPod, reason: string): Promise<void>;
}

/** Opens a fleet without pods. */
export function openFleet(options: FleetOptions): Fleet {
  const { round, side, image, providers, owned, generation, config, log, signal, onChange } = options;
  const pods: FleetPod[] = [];
  const starting = new Set<Promise<void>>();
  const deletions = new Set<Promise<void>>();
  const closing = new AbortController();
  const stop = AbortSignal.any([signal, closing.signal]);
  let lastOrderMs = Number.NEGATIVE_INFINITY;

  const plan = () =>
    podsToStart(
      pods.map((pod) => pod.stage),
      generation,
    );

  function order(): void {
    const index = pods.length;
    const provider = providers[index % providers.length];
    if (provider === undefined) return;
    const name = podName({ round, side, index });
    const pod: FleetPod = { name, provider, stage: 'starting', session: undefined, history: [], reason: null };
    pods.push(pod);
    owned.add(name);
    const waitMs = Math.max(0, lastOrderMs + config.spacingMs - performance.now());
    lastOrderMs = performance.now() + waitMs;
    const work = bringUp(pod, waitMs).finally(() => starting.delete(work));
    starting.add(work);
  }

  /** Orders a pod and waits until it is healthy. Never throws: what becomes of it is its stage. */
  async function bringUp(pod: FleetPod, waitMs: number): Promise<void> {
    try {
      await sleep(waitMs, undefined, { signal: stop });
      await acquire(pod);
      const { provider, name } = pod;
      const { visibleMs: timeoutMs, healthIntervalMs: intervalMs } = config;
      pod.session = new PodSession(await waitRunning(provider, name, { timeoutMs, intervalMs, signal: stop }));
      await pod.session.waitHealthy({
        timeoutMs: generation.pod_healthy_minutes * 60_000,
        intervalMs: config.healthIntervalMs,
        signal: stop,
      });
      pod.stage = 'healthy';
      log.info({ pod: pod.name, image }, 'the pod is healthy');
      options.onHealthy(pod);
    } catch (error) {
      if (stop.aborted) return;
      const stage = (await isContainers(pod, error)) ? 'unhealthy' : 'lost';
      retire(pod, stage, error instanceof Error ? error.message : String(error));
    } finally {
      onChange();
    }
  }

  /** Asks the provider until it has a machine for us, or the time for that is over. */
  async function acquire(pod: FleetPod): Promise<void> {
    const deadline = performance.now() + config.acquireMs;
    for (;;) {
      try {
        const gpu = config.gpu === undefined ? {} : { gpu: config.gpu };
        await pod.provider.deploy({ name: pod.name, image, ...gpu }, { signal: stop });
        return;
      } catch (error) {
        const isFinal =
          isImagesFault(error) || (error instanceof PodError && ['name_taken', 'aborted'].includes(error.fault.code));
        if (isFinal || performance.now() + config.acquireRetryMs > deadline) throw error;
        log.warn({ pod: pod.name, error }, 'no pod was to be had; trying again');
        await sleep(config.acquireRetryMs, undefined, { signal: stop });
      }
    }
  }

  /**
   * Whether a pod did not come up by its container's doing: it cannot be started, is not healthy in time, or ended while
   * its provider still knows it. A pod that its provider lost, or never had room for, is the provider's; an image that is
   * not to be had was there when it was built.
   */
  async function isContainers(pod: FleetPod, error: unknown): Promise<boolean> {
    if (error instanceof PodError && error.fault.code === 'ended') return await hasEnded(pod);
    return isImagesFault(error);
  }

  /** Whether a provider still knows a pod, and says that it ended. */
  async function hasEnded({ provider, name }: Pick<FleetPod, 'provider' | 'name'>): Promise<boolean> {
    const seen = await provider.get(name, { signal: stop }).catch(() => undefined);
    return seen?.status === 'ended';
  }

  function retire(pod: FleetPod, stage: 'bad' | 'lost' | 'unhealthy', reason: string): void {
    if (pod.stage !== 'starting' && pod.stage !== 'healthy') return;
    pod.stage = stage;
    pod.reason = reason.slice(0, 500);
    log.warn({ pod: pod.name, stage, reason }, 'a pod is given up');
    const work = remove(pod).finally(() => deletions.delete(work));
    deletions.add(work);
  }

  async function remove(pod: FleetPod): Promise<void> {
    await pod.session?.close();
    try {
      await pod.provider.delete(pod.name);
    } catch (error) {
      log.error({ pod: pod.name, error }, 'a pod could not be deleted; the next sweep finds it');
    } finally {
      owned.delete(pod.name);
    }
  }

  return {
    pods,
    reconcile() {
      for (let count = plan().toStart; count > 0 && !stop.aborted; count -= 1) order();
    },
    get toCome() {
      return pods.filter((pod) => pod.stage === 'starting').length + plan().toStart;
    },
    giveUp(pod, stage, reason) {
      retire(pod, stage, reason);
      onChange();
    },
    async giveUpSilent(pod, reason) {
      const stage = (await hasEnded(pod)) ? 'bad' : 'lost';
      if (stop.aborted) return;
      retire(pod, stage, reason);
      onChange();
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await Promise.all(starting);
      const left = pods.filter((pod) => pod.stage === 'starting' || pod.stage === 'healthy');
      await Promise.all([...deletions, ...left.map(remove)]);
    },
  };
}
