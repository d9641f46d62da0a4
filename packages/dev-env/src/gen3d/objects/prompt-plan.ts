import { Stem } from '@tiltyard/schema/gen3d';

/** A prompt picture: an object from an angle, in the renderer's degrees (negative elevation looks down from above). */
export interface PromptShot {
  readonly stem: Stem;
  readonly object: string;
  readonly azimuth: number;
  readonly elevation: number;
}

/**
 * Angles of prompts. The grids look from 24, 120, 216 and 312°; a judge that is no vision-language model needs a prompt
 * from near one of them, so each angle is 6° away from one.
 */
const AZIMUTHS = [30, 126, 222, 306, 18, 210, 318, 114] as const;
const ELEVATION = -15;

/**
 * Plans prompts: every object once, then every object again from the next angle.
 *
 * @returns As many as asked for, or eight an object where that is fewer.
 */
export function planPrompts(objects: readonly string[], count: number): PromptShot[] {
  const shots = AZIMUTHS.flatMap((azimuth) =>
    objects.map((object) => ({
      stem: Stem.parse(`${object}-${String(azimuth).padStart(3, '0')}`),
      object,
      azimuth,
      elevation: ELEVATION,
    })),
  );
  return shots.slice(0, count);
}
