import type { DuelOutcome } from '../pairwise.js';
import { isContradictory, meanPenalties, type TwoOrders } from './two-orders.js';

/** A decoded picture: rows from the top, `channels` bytes a pixel, red, green and blue first. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

/** What counts as foreground, pale and greyish. Colours are 0 to 255, saturation (max - min) / max. */
export interface PaleForegroundOptions {
  readonly background?: number;
  readonly backgroundTolerance?: number;
  /** Every so many pixels are looked at, in both directions. */
  readonly sampleStep?: number;
  readonly paleLuma?: number;
  readonly paleSaturation?: number;
  readonly paleShare?: number;
  readonly greyishSaturation?: number;
  readonly greyishShare?: number;
  /** Penalty difference from which a comparison on grey decides. */
  readonly minGap?: number;
}

export const PALE_FOREGROUND_DEFAULTS: Required<PaleForegroundOptions> = {
  background: 128,
  backgroundTolerance: 18,
  sampleStep: 4,
  paleLuma: 175,
  paleSaturation: 0.35,
  paleShare: 0.1,
  greyishSaturation: 0.28,
  greyishShare: 0.6,
  minGap: 2,
};

/** How pale and how grey the foreground is. Shares are of the sampled foreground pixels, 0 when there are none. */
export interface ForegroundStats {
  readonly samples: number;
  readonly paleShare: number;
  readonly greyishShare: number;
}

/** Measures the foreground of both sides' front views on grey, taken together. */
export function foregroundStats(pictures: readonly Pixels[], options: PaleForegroundOptions = {}): ForegroundStats {
  const limits = { ...PALE_FOREGROUND_DEFAULTS, ...options };
  let samples = 0;
  let pale = 0;
  let greyish = 0;
  for (const [red, green, blue] of sampledColours(pictures, limits.sampleStep)) {
    const isBackground = [red, green, blue].every(
      (value) => Math.abs(value - limits.background) <= limits.backgroundTolerance,
    );
    if (isBackground) continue;
    samples += 1;
    const most = Math.max(red, green, blue);
    const saturation = most === 0 ? 0 : (most - Math.min(red, green, blue)) / most;
    const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    if (luma >= limits.paleLuma && saturation <= limits.paleSaturation) pale += 1;
    if (saturation <= limits.greyishSaturation) greyish += 1;
  }
  return samples === 0
    ? { samples, paleShare: 0, greyishShare: 0 }
    : { samples, paleShare: pale / samples, greyishShare: greyish / samples };
}

/** Stage 3's gate: a foreground so pale and greyish that it may hide on white. */
export function isPaleForeground(stats: ForegroundStats, options: PaleForegroundOptions = {}): boolean {
  const { paleShare, greyishShare } = { ...PALE_FOREGROUND_DEFAULTS, ...options };
  return stats.paleShare >= paleShare && stats.greyishShare >= greyishShare;
}

/**
 * Stage 3: the front views compared on grey. Decides only by a clear gap on which both orders agree.
 *
 * @see docs/rules.md#multi-stage-judging
 */
export function greyVerdict(comparison: TwoOrders, options: PaleForegroundOptions = {}): DuelOutcome {
  const { minGap } = { ...PALE_FOREGROUND_DEFAULTS, ...options };
  const { left, right } = meanPenalties(comparison);
  if (isContradictory(comparison) || left === right || Math.abs(left - right) < minGap) return 'draw';
  return left < right ? 'left' : 'right';
}

function* sampledColours(pictures: readonly Pixels[], step: number): Generator<readonly [number, number, number]> {
  for (const { width, height, channels, data } of pictures) {
    for (let y = 0; y < height; y += step) {
      for (let x = 0; x < width; x += step) {
        const at = (y * width + x) * channels;
        yield [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      }
    }
  }
}
