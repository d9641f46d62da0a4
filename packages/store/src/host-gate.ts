import PQueue from 'p-queue';

/** Lets at most so many tasks run at once for each host. */
export interface HostGate {
  /**
   * Runs a task when its URL's host has room. Hosts do not hold each other up.
   *
   * @throws what the task throws; the signal's reason where it aborts before the task's turn
   */
  run<T>(url: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/**
 * Opens a gate, so that one slow or strict CDN gets no more than it can bear. Ports of one host share its room.
 *
 * @param perHost - Tasks at once for one host.
 */
export function hostGate({ perHost }: { readonly perHost: number }): HostGate {
  const queues = new Map<string, PQueue>();
  return {
    async run(url, task, signal) {
      const host = URL.canParse(url) ? new URL(url).hostname : '';
      const queue = queues.get(host) ?? new PQueue({ concurrency: perHost });
      queues.set(host, queue);
      try {
        return await queue.add(task, signal ? { signal } : {});
      } finally {
        // Hosts come from strangers: nothing is remembered of one that is idle.
        if (queue.size === 0 && queue.pending === 0) queues.delete(host);
      }
    },
  };
}
