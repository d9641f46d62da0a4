/** How a process is asked to end: Ctrl-C, a supervisor, a terminal that goes away. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C may arrive several times: from the terminal itself, and passed on by npm, npx or set-up. */
const SAME_REQUEST_MS = 1_000;

/** A request that the process ends. */
export interface Interruption {
  /** Aborted by the first request: the command cleans up and ends. */
  readonly signal: AbortSignal;
  /**
   * Calls back at every further request. Without a listener, a further request ends the process at once.
   *
   * @returns stops listening
   */
  onInsisted(listener: () => void): () => void;
  /** Makes the first request for another reason than a signal; does nothing when there was one. */
  interrupt(why: string): void;
}

export interface InterruptionOptions {
  /** Where signals arrive: this process. */
  readonly signals: Pick<NodeJS.Process, 'on'>;
  /** Ends the process at once. */
  readonly end: () => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** Listens for signals from now on; none of them ends the process by itself any more. */
export function listenForInterruption({
  signals,
  end,
  now = () => performance.now(),
}: InterruptionOptions): Interruption {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<() => void>();
  let requestedAt = 0;

  function request(why: string): void {
    const isNew = !signal.aborted;
    if (!isNew && now() - requestedAt < SAME_REQUEST_MS) return;
    requestedAt = now();
    if (isNew) controller.abort(new Error(`interrupted by ${why}`));
    else if (listeners.size === 0) end();
    else for (const listener of listeners) listener();
  }

  for (const name of SIGNALS) signals.on(name, () => request(name));
  return {
    signal,
    onInsisted(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    interrupt(why) {
      if (!signal.aborted) request(why);
    },
  };
}
