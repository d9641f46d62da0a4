/** How a process is asked to end: Ctrl-C, a supervisor, a terminal that goes away. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One wish may arrive several times: from the terminal to everybody, and passed on by npm, npx or set-up. */
const SAME_WISH_MS = 1_000;

/** Somebody's wish that the process ends. */
export interface Interruption {
  /** Aborted by the first wish: the command puts things in order and ends. */
  readonly signal: AbortSignal;
  /**
   * Calls back at every further wish. While nobody listens, a further wish ends the process at once.
   *
   * @returns listens no more
   */
  onInsisted(listener: () => void): () => void;
  /** The first wish, for another reason than a signal; nothing when there was one. */
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
  let wishedAt = 0;

  function wish(why: string): void {
    const isNew = !signal.aborted;
    if (!isNew && now() - wishedAt < SAME_WISH_MS) return;
    wishedAt = now();
    if (isNew) controller.abort(new Error(`interrupted by ${why}`));
    else if (listeners.size === 0) end();
    else for (const listener of listeners) listener();
  }

  for (const name of SIGNALS) signals.on(name, () => wish(name));
  return {
    signal,
    onInsisted(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    interrupt(why) {
      if (!signal.aborted) wish(why);
    },
  };
}
