import type { Vec3 } from './shapes.js';

/** What a maker gets wrong about an object. The same flaws can be made on a sample object and on any GLB. */
export interface Flaws {
  /** Share of the geometry's detail that is left, over 0 and at most 1. */
  readonly detail: number;
  /** Whether small parts are there at all; means nothing for a GLB whose parts are not known. */
  readonly trim: boolean;
  /** Turn of every hue in degrees. */
  readonly hueTurn: number;
  /** Factors of saturation and lightness (HSL of sRGB). */
  readonly saturation: number;
  readonly lightness: number;
  /** Factors of the three axes; the result is scaled back into the unit cube, so only proportions change. */
  readonly stretch: Vec3;
  /** Greatest displacement of a vertex along each axis, in units of the cube's edge; the same in every making. */
  readonly jitter: number;
  /** As jitter, but different from one making to the next, as with a model that is not quite deterministic. */
  readonly wobble: number;
}

export const NO_FLAWS: Flaws = {
  detail: 1,
  trim: true,
  hueTurn: 0,
  saturation: 1,
  lightness: 1,
  stretch: [1, 1, 1],
  jitter: 0,
  wobble: 0,
};

/** Levels of quality, best first. `rough` is coarse and off-colour, `weak` has wrong proportions. */
export const QUALITIES = {
  best: NO_FLAWS,
  good: { ...NO_FLAWS, detail: 0.6, hueTurn: 8, saturation: 0.8, lightness: 1.08, stretch: [1.04, 0.94, 1.03] },
  mediocre: {
    ...NO_FLAWS,
    detail: 0.35,
    trim: false,
    hueTurn: 14,
    saturation: 0.6,
    lightness: 1.16,
    stretch: [1.07, 0.88, 1.04],
  },
  rough: {
    ...NO_FLAWS,
    detail: 0.14,
    trim: false,
    hueTurn: 110,
    saturation: 0.6,
    lightness: 0.75,
    stretch: [1.16, 0.8, 1.1],
    jitter: 0.012,
  },
  weak: { ...NO_FLAWS, detail: 0.3, trim: false, saturation: 0.5, lightness: 1.2, stretch: [1.5, 0.6, 1.2] },
} as const satisfies Readonly<Record<string, Flaws>>;

export type Quality = keyof typeof QUALITIES;
