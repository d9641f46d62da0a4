import { setTimeout as sleep } from 'node:timers/promises';
import { type PodName, type PodProvider, type PodSession, podName } from '@tiltyard/pods';
import { type PodOutcome, type PodStage, podsToStart } from '@tiltyard/rules/gen3d';
import type { Side } from '@tiltyard/schema';
import type { Thresholds } from '@tiltyard/schema/gen3d';
import type { Logger } from '@tiltyard/service-kit';
import { bringUpPod, hasEnded, isContainersFault } from './bring-up-pod.js';
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
  /** Answers whose headers have come and that are not measured yet. */
  unfinished: number;
  /** Why it was given up, for pod_stats.json. */
  reason: string | null;
}

export interface FleetOptions {
  readonly round: number;
  readonly side: Side;
  readonly image: string;
  readonly providers: readonly PodProvider[];
  /** Names of the pods in use, so that the sweep deletes only the others: each is there from its order to its deletion. */
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
export class Fleet implements AsyncDisposable {
  readonly #options: FleetOptions;
  readonly #pods: FleetPod[] = [];
  readonly #starting = new Set<Promise<void>>();
  readonly #deletions = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #stop: AbortSignal;
  #lastOrderMs = Number.NEGATIVE_INFINITY;

  /** A fleet without pods. */
  constructor(options: FleetOptions) {
    this.#options = options;
    this.#stop = AbortSignal.any([options.signal, this.#closing.signal]);
  }

  get pods(): readonly FleetPod[] {
    return this.#pods;
  }

  /** Pods that are starting, or may still be ordered. */
  get toCome(): number {
    return this.#pods.filter((pod) => pod.stage === 'starting').length + this.#missing;
  }

  /** Orders what the plan misses. Called after every change. */
  reconcile(): void {
    for (let count = this.#missing; count > 0 && !this.#stop.aborted; count -= 1) this.#order();
  }

  /** Gives a pod up: the container's fault (`bad`) or the provider's (`lost`). */
  giveUp(pod: FleetPod, stage: 'bad' | 'lost', reason: string): void {
    this.#retire(pod, stage, reason);
    this.#options.onChange();
  }

  /** Gives up a pod that does not answer any more: a container that ended by itself is `bad`, all else is `lost`. */
  async giveUpSilent(pod: FleetPod, reason: string): Promise<void> {
    const stage = (await hasEnded(pod, this.#stop)) ? 'bad' : 'lost';
    if (!this.#stop.aborted) this.giveUp(pod, stage, reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#starting);
    const left = this.#pods.filter((pod) => pod.stage === 'starting' || pod.stage === 'healthy');
    await Promise.all([...this.#deletions, ...left.map((pod) => this.#remove(pod))]);
  }

  get #missing(): number {
    const stages = this.#pods.map((pod) => pod.stage);
    return podsToStart(stages, this.#options.generation).toStart;
  }

  #order(): void {
    const { round, side, providers, owned, config } = this.#options;
    const index = this.#pods.length;
    const provider = providers[index % providers.length];
    if (provider === undefined) return;
    const name = podName({ round, side, index });
    const pod: FleetPod = {
      ...{ name, provider, stage: 'starting', session: undefined, history: [], unfinished: 0, reason: null },
    };
    this.#pods.push(pod);
    owned.add(name);
    const waitMs = Math.max(0, this.#lastOrderMs + config.spacingMs - performance.now());
    this.#lastOrderMs = performance.now() + waitMs;
    track(this.#starting, this.#bringUp(pod, waitMs));
  }

  /** Orders a pod and waits until it is healthy. Never throws: what becomes of it is its stage. */
  async #bringUp(pod: FleetPod, waitMs: number): Promise<void> {
    const { image, config, generation, log, onHealthy, onChange } = this.#options;
    const signal = this.#stop;
    try {
      await sleep(waitMs, undefined, { signal });
      const healthyMs = generation.pod_healthy_minutes * 60_000;
      pod.session = await bringUpPod({ ...pod, image }, { config, healthyMs, log, signal });
      pod.stage = 'healthy';
      log.info({ pod: pod.name, image }, 'the pod is healthy');
      onHealthy(pod);
    } catch (error) {
      if (signal.aborted) return;
      const stage = (await isContainersFault(error, pod, signal)) ? 'unhealthy' : 'lost';
      this.#retire(pod, stage, error instanceof Error ? error.message : String(error));
    } finally {
      onChange();
    }
  }

  #retire(pod: FleetPod, stage: 'bad' | 'lost' | 'unhealthy', reason: string): void {
    if (pod.stage !== 'starting' && pod.stage !== 'healthy') return;
    pod.stage = stage;
    pod.reason = reason.slice(0, 500);
    this.#options.log.warn({ pod: pod.name, stage, reason }, 'a pod is given up');
    track(this.#deletions, this.#remove(pod));
  }

  async #remove(pod: FleetPod): Promise<void> {
    const { log, owned } = this.#options;
    await pod.session?.close();
    try {
      await pod.provider.delete(pod.name);
    } catch (error) {
      log.error({ pod: pod.name, error }, 'a pod could not be deleted; the next sweep finds it');
    } finally {
      owned.delete(pod.name);
    }
  }
}

/** Keeps work in a set until it has ended. */
export function track(under: Set<Promise<void>>, work: Promise<void>): void {
  const tracked = work.finally(() => under.delete(tracked));
  under.add(tracked);
}
