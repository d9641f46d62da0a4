import { LRUCache } from 'lru-cache';

/** Decides whether something of a key is reported now; see {@link holdBack}. */
export type HoldBack = (key: string) => number | undefined;

/** How many keys are remembered; of more, the oldest is forgotten and may be reported again early. */
const MAX_KEYS = 1_000;

/**
 * Holds repeats of one key back for a while and counts them, so that a tick may report the same trouble every time it
 * sees it.
 *
 * @param now - A monotonic clock in milliseconds.
 * @returns a function that gives the number of repeats held back since the last report, or undefined when this
 *   one is to be held back too.
 */
export function holdBack(repeatAfterMs: number, now: () => number = () => performance.now()): HoldBack {
  const told = new LRUCache<string, { readonly at: number; heldBack: number }>({ max: MAX_KEYS });
  return (key) => {
    const at = now();
    const last = told.peek(key);
    if (last !== undefined && at - last.at < repeatAfterMs) {
      last.heldBack += 1;
      return undefined;
    }
    told.set(key, { at, heldBack: 0 });
    return last?.heldBack ?? 0;
  };
}
