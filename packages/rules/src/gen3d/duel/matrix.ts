import type { Hotkey, Side } from '@tiltyard/schema';
import type { MatchReport, MatchRow } from '@tiltyard/schema/gen3d';
import { type Amended, matchKey, stillStands } from '../round/amendments.js';

/** The margin of a match, or undefined while it has not been played. Positive: the right side, the challenger, won. */
export type MarginOf = (left: Side, right: Hotkey) => number | undefined;

/** What the margins are read from, apart from the rows. Both only matter where a match was to be judged again. */
export interface MatrixContext {
  readonly amended?: Pick<Amended, 'rejudgedMatches'>;
  /** The amendment that a match's present report was judged under, if any. */
  readonly reportAmendment?: (left: Side, right: Hotkey) => MatchReport['amendment'];
}

/**
 * Reads margins out of a matrix. A pair with several rows was judged again and the last one counts; a match that an
 * operator ordered to be judged again has not been played until its report says that it was.
 *
 * @see docs/rules.md#score-and-margin
 */
export function marginsOf(rows: readonly MatchRow[], { amended, reportAmendment }: MatrixContext = {}): MarginOf {
  const margins = new Map<string, number>();
  for (const { left, right, margin } of rows) margins.set(matchKey(left, right), margin);
  return (left, right) => {
    const key = matchKey(left, right);
    const ordered = amended?.rejudgedMatches.get(key);
    // Only a match that was ordered to be judged again has to say under which order it was.
    return ordered === undefined || stillStands(reportAmendment?.(left, right), ordered) ? margins.get(key) : undefined;
  };
}
