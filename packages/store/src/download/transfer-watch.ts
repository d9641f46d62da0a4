/** How much a transfer brought, and how long the other side had us wait for it. */
export interface Transfer {
  /** Bytes of the body as they came over the network. */
  readonly bytes: number;
  /** Milliseconds from the first packet on, without what our own side took to put bytes away. */
  readonly waitedMs: number;
}

/** The least speed of a transfer. */
export interface LeastSpeed {
  /** Bytes a second, as a mean over each window. 0 asks for none. */
  readonly minBytesPerSecond: number;
  readonly speedWindowMs: number;
}

/** Looks on while bytes come in. Dispose of it when the transfer has ended. */
export interface TransferWatch extends Disposable {
  /** Aborts when the transfer is too slow, or when the caller's signal does. */
  readonly signal: AbortSignal;
  /** Whether it was too slow (and not called off). */
  readonly tooSlow: boolean;
  /** Counts what came. */
  received(bytes: number): void;
  /** Runs work of ours during which nothing is read: it is not the other side's time. */
  ours(work: () => Promise<void> | void): Promise<void> | void;
  /** What came until now. */
  readonly transfer: Transfer;
}

/** A timer that comes later than this comes from a process that stood still, in which nothing could be read either. */
const STOOD_STILL_MS = 1_000;
/** A window of which our own side took a larger part says nothing about the other. */
const OUR_SHARE = 0.25;

/**
 * Starts to look on. A server that sends a byte now and then keeps every other bound for as long as that allows; this
 * one ends it after a window of too few bytes, as curl's `--speed-limit` and `--speed-time` do. Windows in which our
 * disk was slow, or our process stood still, do not count.
 */
export function startTransferWatch(
  { minBytesPerSecond, speedWindowMs }: LeastSpeed,
  signal: AbortSignal | undefined,
): TransferWatch {
  const controller = new AbortController();
  const startedMs = performance.now();
  const state = { bytes: 0, oursMs: 0, oursSinceMs: undefined as number | undefined, tooSlow: false };
  const oursMs = () => state.oursMs + (state.oursSinceMs === undefined ? 0 : performance.now() - state.oursSinceMs);
  let window = { startedMs, bytes: 0, oursMs: 0 };

  const look = () => {
    const nowMs = performance.now();
    const took = { bytes: state.bytes - window.bytes, oursMs: oursMs() - window.oursMs };
    const lateMs = nowMs - window.startedMs - speedWindowMs;
    window = { startedMs: nowMs, bytes: state.bytes, oursMs: oursMs() };
    if (lateMs > STOOD_STILL_MS || took.oursMs > speedWindowMs * OUR_SHARE) return;
    if (took.bytes * 1000 >= minBytesPerSecond * speedWindowMs) return;
    state.tooSlow = true;
    controller.abort();
  };
  const timer = minBytesPerSecond === 0 ? undefined : setInterval(look, speedWindowMs);
  const follow = () => controller.abort(signal?.reason);
  if (signal?.aborted) follow();
  else signal?.addEventListener('abort', follow, { once: true });

  return {
    signal: controller.signal,
    get tooSlow() {
      return state.tooSlow;
    },
    received(bytes) {
      state.bytes += bytes;
    },
    ours(work) {
      state.oursSinceMs = performance.now();
      const done = () => {
        state.oursMs = oursMs();
        state.oursSinceMs = undefined;
      };
      const result = work();
      if (result === undefined) return done();
      return result.finally(done);
    },
    get transfer() {
      return { bytes: state.bytes, waitedMs: performance.now() - startedMs - oursMs() };
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      signal?.removeEventListener('abort', follow);
    },
  };
}
