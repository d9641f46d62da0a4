/** A bound in time that also follows the caller's own signal. Dispose of it when the work has ended. */
export interface Deadline extends Disposable {
  /** Aborts when the time is up or the caller's signal does. */
  readonly signal: AbortSignal;
  /** Whether the time ran out (and not the caller's patience). */
  readonly expired: boolean;
}

/**
 * Starts a deadline on the process's monotonic timer. Unlike `AbortSignal.timeout` within `AbortSignal.any`, it is
 * held by its owner, so that nothing can collect it before it fires.
 */
export function startDeadline(timeoutMs: number, signal: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const state = { expired: false };
  const timer = setTimeout(() => {
    state.expired = true;
    controller.abort();
  }, timeoutMs);
  const follow = () => controller.abort(signal?.reason);
  if (signal?.aborted) follow();
  else signal?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    get expired() {
      return state.expired;
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', follow);
    },
  };
}
