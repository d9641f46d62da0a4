import { createHash } from 'node:crypto';
import { z } from 'zod';

/** How an answer goes wrong on purpose. */
export const FaultKind = z.enum(['http_429', 'http_500', 'garbage', 'cut_off']);
export type FaultKind = z.infer<typeof FaultKind>;

export interface FaultOptions {
  /** One request in so many goes wrong; 0 for none. */
  readonly every: number;
  readonly kinds: readonly FaultKind[];
  /** The same seed, the same faults. */
  readonly seed: string;
}

/**
 * Which requests go wrong, and how: exactly one in every `every`, at a place that the seed decides.
 *
 * @returns The fault of the n-th request, counted from 0; undefined for one that goes right.
 */
export function faultPlan({ every, kinds, seed }: FaultOptions): (request: number) => FaultKind | undefined {
  return (request) => {
    if (every === 0) return undefined;
    const block = Math.floor(request / every);
    const draw = createHash('sha256').update(`${seed}/${block}`).digest();
    if (draw.readUInt32BE(0) % every !== request % every) return undefined;
    return kinds[draw.readUInt32BE(4) % kinds.length];
  };
}
