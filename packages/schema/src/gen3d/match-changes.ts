import type { ChangeFault, OnceOptions } from '../change.js';
import { counted } from '../counted.js';
import { shortName } from '../names.js';
import type { AmendedContext } from './amended-context.js';
import type { Amendment } from './files/amendments.js';
import type { MatchReport, MatchRow } from './files/matches.js';
import { namedAmendmentFaults } from './settling.js';

/** A match report: written once, and once more for every rejudge_match amendment, whose id the new report carries. */
export const matchReportOnce: OnceOptions<MatchReport, AmendedContext> = {
  reopened: (before, after, { amendments }) =>
    isSameMatch(before, after) &&
    amendments.some((a) => isRejudging(a, before) && a.id > (before.amendment ?? 0) && a.id === after.amendment),
  tell(before, after) {
    if (!isSameMatch(before, after)) return 'is of another match';
    const winners = new Map(before.duels.map((duel) => [duel.name, duel.winner]));
    const changed = after.duels.filter((duel) => winners.get(duel.name) !== duel.winner).length;
    return `score ${before.score} → ${after.score}, ${counted(changed, 'duel')} changed ${changed === 1 ? 'its' : 'their'} winner`;
  },
  admit(after, context) {
    const { side, left } = context.params;
    const faults = namedAmendmentFaults({}, after, context, (amendment) => isRejudging(amendment, after));
    if ((side ?? after.right) === after.right && (left ?? shortName(after.left)) === shortName(after.left))
      return faults;
    const detail = `is of ${shortName(after.left)} and ${shortName(after.right)}, which its path does not say`;
    return [...faults, { code: 'misplaced', severity: 'error', detail }];
  },
};

/**
 * The matrix: since a pair's last row counts, a row with another margin needs an amendment that has the match judged
 * again, one for each. A row that says the same again changes nothing.
 */
export function repeatedMatches(
  before: readonly MatchRow[],
  after: readonly MatchRow[],
  { amendments }: AmendedContext,
): readonly ChangeFault[] {
  const played = new Map<string, { readonly margin: number; readonly changes: number }>();
  const ordered = rejudgesOf(amendments);
  const faults: ChangeFault[] = [];
  for (const [index, row] of after.entries()) {
    const pair = pairOf(row);
    const last = played.get(pair) ?? { margin: row.margin, changes: 0 };
    const changes = last.changes + (last.margin === row.margin ? 0 : 1);
    played.set(pair, { margin: row.margin, changes });
    if (index < before.length || changes === last.changes) continue;
    if (changes <= (ordered.get(pair) ?? 0)) continue;
    const detail = `${shortName(row.left)} and ${shortName(row.right)} have played already: ${last.margin} → ${row.margin}`;
    faults.push({ code: 'rewritten', severity: 'error', key: String(index), detail });
  }
  return faults;
}

/** How often each pair was ordered to be judged again. */
function rejudgesOf(amendments: readonly Amendment[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const amendment of amendments) {
    if (amendment.action !== 'rejudge_match') continue;
    const pair = pairOf(amendment);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}

function pairOf({ left, right }: Match): string {
  return `${left}>${right}`;
}

type Match = Pick<MatchReport, 'left' | 'right'>;

function isSameMatch(a: Match, b: Match): boolean {
  return a.left === b.left && a.right === b.right;
}

function isRejudging(amendment: Amendment, match: Match): boolean {
  return amendment.action === 'rejudge_match' && isSameMatch(amendment, match);
}
