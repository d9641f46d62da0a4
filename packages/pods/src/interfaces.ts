import type { PodName } from './pod-name.js';

/** The port on which a miner's container listens. */
export const MINER_PORT = 10_006;

/**
 * Where a pod stands. `starting`: the provider knows it, its address is not known yet. `running`: its address is known;
 * whether the miner answers there is for a PodSession to find out. `ended`: it will not answer any more; delete it.
 */
export type PodStatus = 'starting' | 'running' | 'ended';

/** A pod as its provider knows it. */
export interface Pod {
  readonly name: PodName;
  readonly image: string;
  readonly status: PodStatus;
  /** Where to send requests, without a slash at the end. Present exactly when running. */
  readonly url?: string;
  /** What requests to the container must carry, for providers that guard it. */
  readonly bearer?: string;
  /** True where the provider's own gateway answers in front of the miner; then a 502 is not the miner's word. */
  readonly proxied: boolean;
  /** Why it ended, as far as the provider says. */
  readonly reason?: string;
}

/** What a pod is made of. */
export interface PodRequest {
  /** Ours to choose and unique: the only thing that is known when the provider's answer is lost. */
  readonly name: PodName;
  readonly image: string;
  /** The provider's name of a machine or GPU type, or undefined where there is nothing to choose. */
  readonly gpu?: string;
  /** The container's port; MINER_PORT by default. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Requests that the provider may let through at once; 1 by default. */
  readonly concurrency?: number;
}

/** How one call may be stopped. Every call has a bound of its own as well. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * A place where pods run. All of them behave alike, and one suite of contract tests holds them to it.
 *
 * Every method throws PodError: `rejected`, `unreachable`, `timed_out`, besides what is said there, or the signal's reason.
 */
export interface PodProvider {
  /** Its name in configuration and logs. */
  readonly kind: string;
  /**
   * Starts a pod, or finds the one that an earlier call with this name started, whatever became of that call's answer;
   * so a deploy may be repeated without a second GPU being paid for. A pod that ended is found too: delete it first.
   *
   * @throws {PodError} `bad_image`; `name_taken` when the name belongs to a pod of another image.
   */
  deploy(request: PodRequest, options?: CallOptions): Promise<Pod>;
  /** The pod of this name, or undefined. */
  get(name: PodName, options?: CallOptions): Promise<Pod | undefined>;
  /** All pods whose names start like this, sorted by name. */
  list(prefix: string, options?: CallOptions): Promise<readonly Pod[]>;
  /** Ends the pod and waits until it is gone. No pod of this name is a success too. */
  delete(name: PodName, options?: CallOptions): Promise<void>;
  /** Deletes what `list` finds and gives the names. One that cannot be deleted does not keep the others. */
  deleteByPrefix(prefix: string, options?: CallOptions): Promise<readonly PodName[]>;
}

/** What a log line needs; pino fits. */
export interface PodLogger {
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
}
