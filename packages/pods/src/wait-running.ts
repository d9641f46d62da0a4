import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod, PodProvider } from './interfaces.js';
import { PodError } from './pod-error.js';
import type { PodName } from './pod-name.js';

export const WAIT_RUNNING_DEFAULTS = { timeoutMs: 1_800_000, intervalMs: 5000 } as const;

/** A pod whose address is known. */
export type RunningPod = Pod & { readonly url: string };

/**
 * Waits until a provider knows a pod's address. Failures of the provider's API are waited out; its pod is paid for
 * either way.
 *
 * @throws {PodError} `ended` when the pod ended or is not there any more, `timed_out`; the signal's reason.
 */
export async function waitRunning(
  provider: PodProvider,
  name: PodName,
  options: { timeoutMs?: number; intervalMs?: number; signal?: AbortSignal } = {},
): Promise<RunningPod> {
  const { timeoutMs, intervalMs, signal } = { ...WAIT_RUNNING_DEFAULTS, ...options };
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const pod = await provider.get(name, signal ? { signal } : {}).catch((error: unknown) => {
      if (error instanceof PodError && mayPass(error)) return 'no answer' as const;
      throw error;
    });
    if (pod === undefined) throw new PodError({ code: 'ended', name, detail: 'the provider does not know it' });
    if (pod !== 'no answer') {
      if (pod.status === 'ended')
        throw new PodError({ code: 'ended', name, detail: pod.reason ?? 'for no stated reason' });
      if (pod.url !== undefined) return { ...pod, url: pod.url };
    }
    if (performance.now() + intervalMs >= deadline) {
      throw new PodError({ code: 'timed_out', doing: `waiting for ${name} to become visible`, timeoutMs });
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

function mayPass({ fault }: PodError): boolean {
  if (fault.code === 'rejected') return fault.status === 429 || fault.status >= 500;
  return fault.code === 'unreachable' || fault.code === 'timed_out';
}
