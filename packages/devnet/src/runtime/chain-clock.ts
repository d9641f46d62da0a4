import { BLOCK_SECONDS } from '@tiltyard/schema';

const BLOCK_MS = BLOCK_SECONDS * 1000;

/** The chain's own time: a block's follows from its height alone, however fast blocks are made. */
export interface ChainClock {
  readonly startBlock: number;
  /** Time of `startBlock` in milliseconds since 1970. */
  readonly startTimeMs: number;
}

/** A block's time in milliseconds since 1970. */
export function timestampMs(clock: ChainClock, block: number): number {
  return clock.startTimeMs + (block - clock.startBlock) * BLOCK_MS;
}

/** The first block at or after a time. */
export function firstBlockAt(clock: ChainClock, timeMs: number): number {
  return clock.startBlock + Math.ceil((timeMs - clock.startTimeMs) / BLOCK_MS);
}
