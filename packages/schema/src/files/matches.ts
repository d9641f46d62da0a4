import { z } from 'zod';
import { Hotkey, Sha256, Side, Stem } from '../names.js';
import { openObject } from '../open-object.js';
import { FreeText } from './scalars.js';

/** A margin, from -1 (the defender won every duel) to 1 (the challenger did). */
export const Margin = z.number().min(-1).max(1);

/** One row of the matrix: `left` defends, `right` challenges; a positive margin means that the challenger won. */
export const MatchRow = z.object({
  left: Side,
  right: Hotkey,
  margin: z
    .string()
    .regex(/^-?\d+(\.\d+)?(e-?\d+)?$/i, 'is not a number')
    .transform(Number)
    .pipe(Margin),
});
export interface MatchRow extends Record<string, unknown> {
  readonly left: Side;
  readonly right: Hotkey;
  readonly margin: number;
}
export const MATCH_COLUMNS = ['left', 'right', 'margin'] as const;

/** matches_matrix.csv. A pair that was judged again has another row; the last one counts. */
export const MatchMatrix = z.array(MatchRow) as unknown as z.ZodType<readonly MatchRow[]>;
export type MatchMatrix = readonly MatchRow[];

const Url = z.string().max(2048).nullable();

/** The outcome of one prompt. `skipped` is read, not written. */
export const DuelWinner = z.enum(['left', 'right', 'draw', 'skipped']);
export type DuelWinner = z.infer<typeof DuelWinner>;

/** One prompt of a match. `detail` holds everything the judges answered; `evidence` the sha256 of what they saw. */
export const Duel = openObject({
  name: Stem,
  prompt: z.string().max(2048),
  left_glb: Url,
  left_png: Url,
  right_glb: Url,
  right_png: Url,
  winner: DuelWinner,
  issues: FreeText,
  detail: z.unknown().optional(),
  evidence: z.record(z.string().max(100), Sha256.nullable()).optional(),
});
export type Duel = z.infer<typeof Duel>;

/** All duels of a pair. `score` = right wins - left wins; `margin` = score / number of duels. */
export const MatchReport = openObject({
  left: Side,
  right: Hotkey,
  score: z.int(),
  margin: Margin,
  duels: z.array(Duel).max(10_000),
  judge: openObject({ models: z.array(z.string().max(200)), strategy: z.string().max(100) }).optional(),
  confidence: openObject({ lower: z.number(), upper: z.number() }).optional(),
  amendment: z.int().min(1).optional(),
});
export type MatchReport = z.infer<typeof MatchReport>;
