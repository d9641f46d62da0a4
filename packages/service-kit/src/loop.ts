import type { Logger } from './logger.js';

/** When to look again, and why: what a tick returns. */
export interface NextLook {
  /** Milliseconds from now; the loop keeps it within its bounds, except for 0, which means at once. */
  readonly inMs: number;
  readonly reason: string;
  /** What keeps the service from its work although the tick came to its end; readiness pages show it. */
  readonly trouble?: string;
}

/** At once: this tick changed something. */
export function lookAgainNow(reason = 'something was done'): NextLook {
  return { inMs: 0, reason };
}

/** At the shortest pause: something outside is under way. */
export function lookAgainSoon(reason: string): NextLook {
  return { inMs: 1, reason };
}

/** At the longest pause: nothing is expected. */
export function lookAgainLater(reason: string): NextLook {
  return { inMs: Number.POSITIVE_INFINITY, reason };
}

/** In about so many seconds of the chain's time, as an ETA in blocks gives them. */
export function lookAgainIn(seconds: number, reason: string): NextLook {
  return { inMs: Math.max(1, seconds * 1000), reason };
}

/** What the loop tells of each tick. */
export interface TickReport {
  readonly seconds: number;
  readonly error: unknown;
  readonly next: NextLook;
}

export interface LoopOptions {
  readonly tick: () => Promise<NextLook>;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** The shortest and the longest pause. */
  readonly minMs: number;
  readonly maxMs: number;
  /** How long a pause lasts at least although something completed, so that completions gather. */
  readonly gatherMs?: number;
  /** Ends a pause early: called with a function to be called when something completed. */
  readonly onWake?: (wake: () => void) => void;
  readonly onTick?: (report: TickReport) => void;
  /** True for an error that says nothing is wrong: another writer was faster, look again. */
  readonly isConflict?: (error: unknown) => boolean;
}

/**
 * Runs ticks until the signal is aborted, one at a time.
 *
 * A tick that throws is reported and tried again: a conflict after a short pause with jitter, anything else after a
 * pause that doubles from the shortest to the longest. Nothing that a tick throws ends the loop.
 */
export async function runLoop(options: LoopOptions): Promise<void> {
  const { tick, signal, log, minMs, maxMs, onTick, isConflict = () => false } = options;
  const pause = wakeablePause(signal, options.gatherMs ?? 0);
  options.onWake?.(pause.wake);
  let failures = 0;
  while (!signal.aborted) {
    const started = performance.now();
    let next: NextLook;
    let error: unknown;
    try {
      next = await tick();
      failures = 0;
    } catch (thrown) {
      if (signal.aborted) break;
      error = thrown;
      if (isConflict(thrown)) {
        log.warn({ error: thrown }, 'another writer was faster; deriving again');
        next = { inMs: minMs * (1 + Math.random()), reason: 'conflict' };
      } else {
        failures += 1;
        log.error({ error: thrown, failures }, 'the tick failed; it will be tried again');
        next = { inMs: Math.min(maxMs, minMs * 2 ** Math.min(failures, 16)), reason: 'the last tick failed' };
      }
    }
    onTick?.({ seconds: (performance.now() - started) / 1000, error, next });
    if (next.inMs === 0) continue;
    const ms = Math.min(maxMs, Math.max(minMs, next.inMs));
    log.debug({ seconds: ms / 1000, reason: next.reason }, 'waiting');
    await pause.wait(ms);
  }
}

/** A pause that a wake-up or the signal ends. A wake-up between two pauses ends the next one. */
function wakeablePause(signal: AbortSignal, gatherMs: number): { wait(ms: number): Promise<void>; wake(): void } {
  let woken = false;
  let hurry: (() => void) | undefined;
  return {
    async wait(ms) {
      await new Promise<void>((resolve) => {
        let timer = setTimeout(end, woken ? Math.min(ms, gatherMs) : ms);
        const from = performance.now();
        hurry = () => {
          clearTimeout(timer);
          timer = setTimeout(end, Math.max(0, Math.min(ms, gatherMs) - (performance.now() - from)));
        };
        signal.addEventListener('abort', end, { once: true });
        if (signal.aborted) end();
        function end(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          resolve();
        }
      });
      hurry = undefined;
      woken = false;
    },
    wake() {
      if (woken) return;
      woken = true;
      hurry?.();
    },
  };
}
