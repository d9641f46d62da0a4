import { setTimeout as sleep } from 'node:timers/promises';
import { isMinersFault, PodError, type PodName, type PodProvider } from '@tiltyard/pods';
import {
  acceptsRetries,
  effectiveSeconds,
  handOut,
  holdPrompt,
  nextPrompt,
  podHealth,
  type Run,
  type RunPurpose,
  type RunState,
  recordResult,
  releasePod,
  runState,
  startRun,
  type WorkingPod,
} from '@tiltyard/rules/gen3d';
import { backoffMs, isFault, type Side } from '@tiltyard/schema';
import {
  type GenerationResult,
  type Generations,
  isUsable,
  type Prompt,
  type PromptImages as RoundImages,
  type Stem,
  type Thresholds,
} from '@tiltyard/schema/gen3d';
import type { JobContext, Logger, Notices } from '@tiltyard/service-kit';
import { failedResult } from '@tiltyard/service-kit/gen3d';
import type { PodConfig } from './config.js';
import { Fleet, type FleetPod, track } from './fleet.js';
import { type MeasurePorts, measure, RETRY } from './measure.js';
import type { PromptImages } from './prompt-images.js';
import { HEALTHY_AFTER_BREAK, type RoundMemory } from './round-memory.js';

/** A side's container to be run on prompts: a leader's for its own files, a challenger's for its audit. */
export interface RunJob {
  readonly round: number;
  readonly side: Side;
  readonly purpose: RunPurpose;
  readonly image: string;
  readonly seed: number;
  readonly prompts: readonly Prompt[];
  /** The prompts' pictures as the round keeps them; undefined in rounds of before. */
  readonly promptImages: RoundImages | undefined;
  /** generated.json as it stands: attempts and results of before a restart count. */
  readonly generated: Generations;
  /** What was submitted, to compare with; empty for a baseline. */
  readonly submitted: Generations;
  readonly rules: Thresholds;
}

export interface RunPorts {
  readonly providers: readonly PodProvider[];
  /** Names of pods in use. */
  readonly owned: Set<PodName>;
  readonly pods: PodConfig;
  readonly images: PromptImages;
  readonly measuring: Omit<MeasurePorts, 'hindered'>;
  readonly hindered: JobContext['hindered'];
  readonly log: Logger;
  readonly notices: Notices;
  /** Takes every new best result, to be published with others. */
  readonly memory: RoundMemory;
  /** Called with every new best result. */
  readonly onNews: () => void;
}

/** How a run ended, and what its pods did. */
export interface RunEnd {
  readonly state: Exclude<RunState, { kind: 'running' }>;
  readonly results: Generations;
  readonly pods: readonly FleetPod[];
}

/** How often a run looks whether a lock has expired, when nothing else happens. */
const LOOK_MS = 1_000;
/**
 * A pod's answers that may be on their way or waiting to be measured while it works on the next prompt. A container that
 * sends headers at once and then as many bytes as are allowed could otherwise fill our memory with files.
 */
const MAX_UNFINISHED_PER_POD = 2;
/** Locks are extended for so long while our side measures; extended again as long as that takes. */
const HOLD_MS = 600_000;

/**
 * Runs a side's container until nothing more can be gained: orders pods, hands prompts out by the rules' order, measures
 * what comes back. The pods are deleted before it returns or throws.
 *
 * @see docs/rules.md#re-runs
 * @throws the signal's reason
 */
export async function runGeneration(job: RunJob, ports: RunPorts, signal: AbortSignal): Promise<RunEnd> {
  const stopped = new AbortController();
  const inner = AbortSignal.any([signal, stopped.signal]);
  const run = new GenerationRun(job, ports, inner);
  try {
    const state = await run.untilOver();
    return { state, results: run.results(), pods: run.fleet.pods };
  } finally {
    stopped.abort();
    await run.settled();
  }
}

class GenerationRun {
  readonly fleet: Fleet;
  readonly #job: RunJob;
  readonly #ports: RunPorts;
  readonly #signal: AbortSignal;
  readonly #prompts: ReadonlyMap<Stem, Prompt>;
  readonly #work = new Set<Promise<void>>();
  #run: Run;
  readonly #waiting = new Set<() => void>();

  constructor(job: RunJob, ports: RunPorts, signal: AbortSignal) {
    this.#job = job;
    this.#ports = ports;
    this.#signal = signal;
    this.#prompts = new Map(job.prompts.map((prompt) => [prompt.stem, prompt]));
    this.#run = startRun([...this.#prompts.keys()], job.generated);
    this.fleet = new Fleet({
      round: job.round,
      side: job.side,
      image: job.image,
      providers: ports.providers,
      owned: ports.owned,
      generation: job.rules.generation,
      config: ports.pods,
      log: ports.log,
      signal,
      onHealthy: (pod) => track(this.#work, this.#serve(pod)),
      onChange: () => this.#changed(),
    });
  }

  /** Keeps the fleet as planned until the run is over. @throws the signal's reason */
  async untilOver(): Promise<Exclude<RunState, { kind: 'running' }>> {
    await this.#fetchPrompts();
    for (;;) {
      this.#signal.throwIfAborted();
      const state = this.#state();
      if (state.kind !== 'running') return state;
      this.fleet.reconcile();
      await this.#nextChange();
    }
  }

  results(): Generations {
    const entries = this.#run.flatMap(({ stem, best }) => (best === undefined ? [] : [[stem, best] as const]));
    return Object.fromEntries(entries) as Generations;
  }

  /** Waits until nothing of the run is under way any more. */
  async settled(): Promise<void> {
    await this.fleet[Symbol.asyncDispose]();
    await Promise.allSettled(this.#work);
  }

  #state(): RunState {
    const { rules, purpose } = this.#job;
    const working = this.fleet.pods.filter((pod) => pod.stage === 'healthy').map((pod) => this.#asWorking(pod));
    const lost = this.fleet.pods.filter((pod) => pod.stage === 'lost').length;
    const pods = { working, toCome: this.fleet.toCome, lost };
    return runState(this.#run, pods, performance.now(), rules, purpose);
  }

  /** Before any pod is paid for, every prompt image is here: one that cannot be had must not cost a pod its prompt. */
  async #fetchPrompts(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        for (const stem of this.#prompts.keys()) await this.#promptFor(stem);
        this.#ports.hindered(undefined);
        return;
      } catch (error) {
        this.#signal.throwIfAborted();
        this.#ports.log.error({ error, attempt }, 'prompt images cannot be downloaded now; trying again');
        this.#ports.hindered(`prompt images cannot be downloaded: ${String(error)}`);
        const title = 'Prompt images cannot be downloaded';
        this.#ports.notices.send({ key: 'prompts', severity: 'alarm', title, detail: String(error) });
        await sleep(backoffMs(attempt + 1, RETRY), undefined, { signal: this.#signal });
      }
    }
  }

  #asWorking(pod: FleetPod): WorkingPod {
    return { id: pod.name, acceptsRetries: acceptsRetries(pod.history, this.#job.rules.generation) };
  }

  /** One pod's work: a prompt at a time, the next as soon as the headers of the last have come. */
  async #serve(pod: FleetPod): Promise<void> {
    const { rules } = this.#job;
    while (pod.stage === 'healthy' && !this.#signal.aborted) {
      const isFull = pod.unfinished >= MAX_UNFINISHED_PER_POD;
      const stem = isFull ? undefined : nextPrompt(this.#run, this.#asWorking(pod), performance.now(), rules);
      if (stem === undefined) {
        await this.#nextChange();
        continue;
      }
      this.#run = handOut(this.#run, stem, pod.name, performance.now());
      await this.#generate(pod, stem);
      this.#judge(pod);
      this.#changed();
    }
  }

  async #generate(pod: FleetPod, stem: Stem): Promise<void> {
    const { seed, rules } = this.#job;
    const hardLimitSeconds = rules.generation.hard_limit_seconds;
    const before = this.#run.find((work) => work.stem === stem)?.best;
    try {
      const prompt = await this.#promptFor(stem);
      const generation = await pod.session?.generate({
        prompt,
        seed,
        hardLimitMs: hardLimitSeconds * 1000,
        maxBytes: rules.limits.max_glb_bytes,
        signal: this.#signal,
      });
      if (generation === undefined) return;
      this.#run = holdPrompt(this.#run, stem, pod.name, performance.now() + HOLD_MS);
      // The pod is free; its file is still on its way and then measured.
      track(this.#work, this.#finish(pod, stem, before, generation.generationSeconds, generation.glb));
    } catch (error) {
      await this.#fail(pod, stem, before, error);
    }
  }

  async #finish(
    pod: FleetPod,
    stem: Stem,
    before: GenerationResult | undefined,
    seconds: number,
    body: Promise<Uint8Array>,
  ): Promise<void> {
    pod.unfinished += 1;
    const hold = setInterval(() => {
      this.#run = holdPrompt(this.#run, stem, pod.name, performance.now() + HOLD_MS);
    }, HOLD_MS / 2);
    try {
      const glb = await body;
      const { purpose, rules } = this.#job;
      const submitted = purpose === 'audit' ? this.#job.submitted[stem] : undefined;
      const ports = { ...this.#ports.measuring, hindered: this.#ports.hindered };
      const file = { glb, generationSeconds: seconds, submitted, rules };
      const result = await measure(file, ports, { signal: this.#signal });
      // A run that was called off, or is over, changes nothing any more.
      this.#signal.throwIfAborted();
      this.#record(pod, stem, before, result);
    } catch (error) {
      await this.#fail(pod, stem, before, error);
    } finally {
      clearInterval(hold);
      pod.unfinished -= 1;
      this.#judge(pod);
      this.#changed();
    }
  }

  async #promptFor(stem: Stem) {
    const prompt = this.#prompts.get(stem);
    if (prompt === undefined) throw new Error(`no prompt ${stem}`);
    if (prompt.kind === 'text') return { kind: 'text', text: prompt.text } as const;
    const image = await this.#ports.images.of(prompt, this.#job.promptImages?.[stem], this.#signal);
    return { kind: 'image', image, fileName: prompt.url.split('/').at(-1) ?? `${stem}.png` } as const;
  }

  #record(pod: FleetPod, stem: Stem, before: GenerationResult | undefined, result: GenerationResult): void {
    const { generation } = this.#job.rules;
    const secondsBefore = before === undefined ? undefined : effectiveSeconds(before, generation.hard_limit_seconds);
    pod.history.push({ success: isUsable(result), seconds: result.generation_time, secondsBefore });
    this.#run = recordResult(this.#run, stem, pod.name, result);
    const best = this.#run.find((work) => work.stem === stem)?.best;
    if (best === undefined) return;
    this.#ports.memory.add(this.#job.side, stem, best);
    this.#ports.onNews();
  }

  /** The miner's failure is an attempt; ours frees the prompt for another pod and charges nothing. */
  async #fail(pod: FleetPod, stem: Stem, before: GenerationResult | undefined, error: unknown): Promise<void> {
    if (this.#signal.aborted) return;
    if (isMinersFault(error)) {
      const { hard_limit_seconds } = this.#job.rules.generation;
      const seconds = error.fault.code === 'overtime' ? hard_limit_seconds : 0;
      this.#record(
        pod,
        stem,
        before,
        failedResult({ code: error.fault.code, message: error.message }, { attempts: 1, generation_time: seconds }),
      );
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    const isGone = isFault(error, PodError, 'pod_unreachable');
    if (isGone && pod.stage === 'healthy' && (await pod.session?.isHealthy({ signal: this.#signal }))) {
      if (!this.#signal.aborted) this.#break(pod, stem, before, reason);
      return;
    }
    // A container that ends itself would otherwise keep its audit, and with it the round, open for ever.
    if (isGone) await this.fleet.giveUpSilent(pod, reason);
    else this.fleet.giveUp(pod, 'lost', reason);
    this.#run = releasePod(this.#run, pod.name);
    this.#changed();
  }

  /**
   * A connection broke, and the pod answers right after. From here we cannot tell whether its container broke it or a gateway
   * that cuts silent connections: it counts only where the rules say so, and only beyond the number that they allow.
   */
  #break(pod: FleetPod, stem: Stem, before: GenerationResult | undefined, reason: string): void {
    const { side, rules } = this.#job;
    const breaks = this.#ports.memory.brokeConnection(side);
    const says = `${reason}; ${HEALTHY_AFTER_BREAK} (break ${breaks} of this round)`;
    if (breaks > (rules.generation.max_broken_connections ?? Number.POSITIVE_INFINITY)) {
      this.#record(
        pod,
        stem,
        before,
        failedResult({ code: 'connection_broken', message: says }, { attempts: 1, generation_time: 0 }),
      );
      return;
    }
    this.fleet.giveUp(pod, 'lost', says);
    this.#run = releasePod(this.#run, pod.name);
    this.#changed();
  }

  #judge(pod: FleetPod): void {
    const health = podHealth(pod.history, this.#job.rules.generation);
    if (!health.bad || pod.stage !== 'healthy') return;
    const { bad: _bad, ...facts } = health;
    this.fleet.giveUp(pod, 'bad', JSON.stringify(facts));
    this.#run = releasePod(this.#run, pod.name);
  }

  #changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  /** Resolves at the next change, and from time to time without one, since locks expire. */
  async #nextChange(): Promise<void> {
    let resolve = (): void => {};
    const change = new Promise<void>((done) => {
      resolve = done;
    });
    this.#waiting.add(resolve);
    const tired = new AbortController();
    const pause = sleep(LOOK_MS, undefined, { signal: AbortSignal.any([this.#signal, tired.signal]) });
    await Promise.race([change, pause.catch(() => undefined)]);
    tired.abort();
    this.#waiting.delete(resolve);
  }
}
