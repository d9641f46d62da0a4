import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ManagedProcess } from '@tiltyard/processes';
import { Twister } from '@tiltyard/rules';
import type { NetworkService } from '../network/service-names.js';

/** One kill: which service, and how long after the one before is over. */
export interface ChaosStep<Name extends string = NetworkService> {
  readonly afterMs: number;
  readonly service: Name;
}

/** When which service is killed. */
export interface ChaosOptions {
  /** The same seed gives the same schedule. */
  readonly seed: string;
  /** From one kill's end to the next kill. */
  readonly leastPauseMs: number;
  readonly mostPauseMs: number;
}

export const CHAOS_DEFAULTS = {
  seed: 'chaos',
  leastPauseMs: 3_000,
  mostPauseMs: 8_000,
  /** One answer of the judge in so many goes wrong. */
  judgeFaultEvery: 5,
} as const;

/** An endless schedule of kills: every service once in random order, then all again in another. */
export function* chaosPlan<Name extends string>(
  { seed, leastPauseMs, mostPauseMs }: ChaosOptions,
  services: readonly Name[],
): Generator<ChaosStep<Name>, never> {
  const twister = new Twister(BigInt(`0x${createHash('sha256').update(seed).digest('hex')}`));
  for (;;) {
    for (const service of twister.sample(services, services.length)) {
      yield { afterMs: leastPauseMs + twister.randbelow(mostPauseMs - leastPauseMs + 1), service };
    }
  }
}

/** What a kill came to. */
export interface Kill {
  readonly service: NetworkService;
  /** From the kill until the service was ready again. */
  readonly downMs: number;
}

/**
 * Kills services with SIGKILL by a plan and starts them again, until the signal. Ends with every service running.
 *
 * @returns how many kills there were
 * @throws ProcessError when a service does not come back
 */
export async function wreakChaos(
  plan: Iterable<ChaosStep>,
  services: ReadonlyMap<NetworkService, ManagedProcess>,
  onKill: (kill: Kill) => void,
  signal: AbortSignal,
): Promise<number> {
  let kills = 0;
  for (const { afterMs, service } of plan) {
    await sleep(afterMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return kills;
    const victim = services.get(service);
    if (victim === undefined) continue;
    const from = performance.now();
    await victim.kill();
    await victim.restart();
    kills += 1;
    onKill({ service, downMs: performance.now() - from });
  }
  return kills;
}
