import PQueue from 'p-queue';
import { type FairOptions, type FairQueue, fairQueueClass } from './fair-queue.js';

/** Lets at most so many tasks run at once for each host. */
export interface HostGate {
  /**
   * Runs a task when its URL's host has room. Hosts do not hold each other up, nor do the owners who share one.
   *
   * @throws what the task throws; the signal's reason where it aborts before the task's turn
   */
  run<T>(url: string, task: () => Promise<T>, options?: HostGateTurn): Promise<T>;
}

/** In whose name a task waits, and how it may be called off. */
export interface HostGateTurn {
  readonly owner?: string;
  readonly signal?: AbortSignal;
}

export interface HostGateOptions {
  /** Tasks at once for one host. */
  readonly perHost: number;
  /** What an owner has used so far: who used least has the next turn at a host. Nothing by default, which is by turns. */
  readonly used?: (owner: string) => number;
}

/** Opens a gate, so that one slow or strict CDN gets no more than it can bear. Ports of one host share its room. */
export function hostGate({ perHost, used = () => 0 }: HostGateOptions): HostGate {
  const queueClass = fairQueueClass(used);
  const queues = new Map<string, PQueue<FairQueue, FairOptions>>();
  return {
    async run(url, task, turn = {}) {
      const host = URL.canParse(url) ? new URL(url).hostname : '';
      const queue = queues.get(host) ?? new PQueue({ concurrency: perHost, queueClass });
      queues.set(host, queue);
      try {
        return await queue.add(task, turn);
      } finally {
        // Hosts come from strangers: nothing is remembered of one that is idle.
        if (queue.size === 0 && queue.pending === 0) queues.delete(host);
      }
    },
  };
}
