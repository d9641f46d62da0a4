import { z } from 'zod';
import { Hotkey, Sha256, Side } from '../../names.js';
import { openObject } from '../../open-object.js';
import { FreeText } from '../../scalars.js';
import { Stem } from '../names.js';

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
  name: Stem.describe("the prompt's stem"),
  prompt: z.string().max(2048).describe("the prompt's line"),
  left_glb: Url.describe('file of the defender, or null'),
  left_png: Url.describe('its preview, or null'),
  right_glb: Url.describe('file of the challenger, or null'),
  right_png: Url.describe('its preview, or null'),
  winner: DuelWinner.describe('skipped is read, never written'),
  issues: FreeText.describe("the judge's words, or why there was nothing to judge"),
  detail: z.unknown().describe('everything the judges answered').optional(),
  evidence: z.record(z.string().max(100), Sha256.nullable()).describe('sha256 of what they saw').optional(),
});
export type Duel = z.infer<typeof Duel>;

/** All duels of a pair. `score` = right wins - left wins; `margin` = score / number of duels. */
export const MatchReport = openObject({
  left: Side.describe('the defender'),
  right: Hotkey.describe('the challenger'),
  score: z.int().describe('right wins minus left wins'),
  margin: Margin.describe('score over the number of duels'),
  duels: z.array(Duel).max(10_000).describe('sorted by name'),
  judge: openObject({
    models: z.array(z.string().max(200)).describe('names of the models'),
    strategy: z.string().max(100).describe('as in rules.json'),
  })
    .describe('who judged')
    .optional(),
  confidence: openObject({ lower: z.number().describe('least margin'), upper: z.number().describe('greatest margin') })
    .describe('interval of the margin')
    .optional(),
  amendment: z.int().min(1).describe('the rejudge_match amendment that it was judged again under').optional(),
});
export type MatchReport = z.infer<typeof MatchReport>;
