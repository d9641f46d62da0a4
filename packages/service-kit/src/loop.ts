import { backoffMs } from '@tiltyard/schema';
import type { Logger } from './logger.js';
import type { Stuck } from './stuck.js';

/** When to look again, and why: what a tick returns. */
export interface NextLook {
  /** Milliseconds from now; the loop keeps it within its bounds, except for 0, which means at once. */
  readonly inMs: number;
  readonly reason: string;
  /** What does not go on although the tick came to its end. */
  readonly stuck?: readonly Stuck[];
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

/** What the loop reports of each tick. */
export interface TickReport {
  readonly seconds: number;
  readonly error: unknown;
  readonly next: NextLook;
  /** Until the next tick. */
  readonly pauseMs: number;
}

export interface LoopOptions {
  /** Its signal is aborted when what it works on has changed under it, and when the loop is to end. */
  readonly tick: (signal: AbortSignal) => Promise<NextLook>;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** The shortest and the longest pause. */
  readonly minMs: number;
  readonly maxMs: number;
  /** How long a pause lasts at least although something completed, so that completions gather. */
  readonly gatherMs?: number;
  /** Ends a pause early: called with a function to be called when something completed. */
  readonly onWake?: (wake: () => void) => void;
  /** Called with a function that ends a running tick by its signal, and a pause at once. */
  readonly onInterrupt?: (interrupt: () => void) => void;
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
  let interruption = new AbortController();
  options.onInterrupt?.(() => {
    interruption.abort(new DOMException('the tick is interrupted', 'AbortError'));
    pause.end();
  });
  let failures = 0;
  while (!signal.aborted) {
    interruption = new AbortController();
    const started = performance.now();
    let next: NextLook;
    let error: unknown;
    try {
      next = await tick(AbortSignal.any([signal, interruption.signal]));
      failures = 0;
    } catch (thrown) {
      if (signal.aborted) break;
      error = thrown;
      if (interruption.signal.aborted) {
        log.info('the tick was interrupted; deriving again');
        error = undefined;
        next = lookAgainNow('interrupted');
      } else if (isConflict(thrown)) {
        log.warn({ error: thrown }, 'another writer was faster; deriving again');
        next = { inMs: minMs * (1 + Math.random()), reason: 'conflict' };
      } else {
        failures += 1;
        log.error({ error: thrown, failures }, 'the tick failed; it will be tried again');
        next = {
          inMs: backoffMs(failures + 1, { firstDelayMs: minMs, maxDelayMs: maxMs }),
          reason: 'the last tick failed',
        };
      }
    }
    const pauseMs = next.inMs === 0 ? 0 : Math.min(maxMs, Math.max(minMs, next.inMs));
    onTick?.({ seconds: (performance.now() - started) / 1000, error, next, pauseMs });
    if (pauseMs === 0 || interruption.signal.aborted) continue;
    log.debug({ seconds: pauseMs / 1000, reason: next.reason }, 'waiting');
    await pause.wait(pauseMs);
  }
}

interface WakeablePause {
  wait(ms: number): Promise<void>;
  wake(): void;
  /** Ends the pause at once, if there is one. */
  end(): void;
}

/** A pause that a wake-up or the signal ends. A wake-up between two pauses ends the next one. */
function wakeablePause(signal: AbortSignal, gatherMs: number): WakeablePause {
  let woken = false;
  let hurry: (() => void) | undefined;
  let endNow: (() => void) | undefined;
  return {
    async wait(ms) {
      await new Promise<void>((resolve) => {
        endNow = end;
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
      endNow = undefined;
      woken = false;
    },
    end: () => endNow?.(),
    wake() {
      if (woken) return;
      woken = true;
      hurry?.();
    },
  };
}
