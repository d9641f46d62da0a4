import { setTimeout as sleep } from 'node:timers/promises';
import { isImagesFault, PodError, type PodName, type PodProvider, PodSession, waitRunning } from '@tiltyard/pods';
import { isFault } from '@tiltyard/schema';
import type { Logger } from '@tiltyard/service-kit';
import type { PodConfig } from './config.js';

/** A pod to be had: from whom, and with what in it. */
export interface PodOrder {
  readonly name: PodName;
  readonly provider: PodProvider;
  readonly image: string;
}

export interface BringUpOptions {
  readonly config: PodConfig;
  /** From being visible at its provider to answering /health, in milliseconds. */
  readonly healthyMs: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Orders a pod and waits until it is healthy. @throws PodError, the signal's reason */
export async function bringUpPod(order: PodOrder, options: BringUpOptions): Promise<PodSession> {
  const { config, healthyMs, signal } = options;
  const { visibleMs, healthIntervalMs: intervalMs } = config;
  await acquire(order, options);
  const { provider, name } = order;
  const session = new PodSession(await waitRunning(provider, name, { timeoutMs: visibleMs, intervalMs, signal }));
  try {
    await session.waitHealthy({ timeoutMs: healthyMs, intervalMs, signal });
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Asks the provider until it has a machine for us, or the time for that is over. */
async function acquire({ name, provider, image }: PodOrder, { config, log, signal }: BringUpOptions): Promise<void> {
  const deadline = performance.now() + config.acquireMs;
  for (;;) {
    try {
      const gpu = config.gpu === undefined ? {} : { gpu: config.gpu };
      await provider.deploy({ name, image, ...gpu }, { signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      const isFinal = isImagesFault(error) || isFault(error, PodError, 'name_taken');
      if (isFinal || performance.now() + config.acquireRetryMs > deadline) throw error;
      log.warn({ pod: name, error }, 'no pod was to be had; trying again');
      await sleep(config.acquireRetryMs, undefined, { signal });
    }
  }
}

/**
 * Whether a pod did not come up by its container's doing: it cannot be started, is not healthy in time, or ended while
 * its provider still knows it. A pod that its provider lost, or never had room for, is the provider's; an image that is
 * not to be had was there when it was built.
 */
export async function isContainersFault(
  error: unknown,
  order: Pick<PodOrder, 'name' | 'provider'>,
  signal: AbortSignal,
): Promise<boolean> {
  if (isFault(error, PodError, 'ended')) return await hasEnded(order, signal);
  return isImagesFault(error);
}

/** Whether a provider still knows a pod, and says that it ended. */
export async function hasEnded(
  { provider, name }: Pick<PodOrder, 'name' | 'provider'>,
  signal: AbortSignal,
): Promise<boolean> {
  const seen = await provider.get(name, { signal }).catch(() => undefined);
  return seen?.status === 'ended';
}
