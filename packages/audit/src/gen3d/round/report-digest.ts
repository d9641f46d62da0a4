import { type MarginRange, marginRange } from '@tiltyard/rules/gen3d';
import type { CommitId, Hotkey, Side } from '@tiltyard/schema';
import type { Duel, DuelWinner, MatchReport, Stem } from '@tiltyard/schema/gen3d';

/** What later rules need of a match report: a few hundred bytes instead of a hundred thousand. */
export interface ReportDigest {
  readonly left: Side;
  readonly right: Hotkey;
  readonly score: number;
  readonly margin: number;
  readonly amendment: number | undefined;
  /** The duels' names in the report's order; one array for all reports of a round that name the same. */
  readonly names: readonly Stem[];
  /** One letter a duel. */
  readonly winners: string;
  /** Set where duels ended as they did because the judge failed: how many, and where the margin may truly lie. */
  readonly doubt: (MarginRange & { readonly count: number }) | undefined;
  /** What both sides' files were when the report was written; undefined for a side whose file cannot be read. */
  readonly inputs: { readonly left: string | undefined; readonly right: string | undefined };
  readonly commit: CommitId;
}

const LETTERS: Readonly<Record<DuelWinner, string>> = { left: 'l', right: 'r', draw: 'd', skipped: 's' };
const WINNERS: Readonly<Record<string, DuelWinner>> = { l: 'left', r: 'right', d: 'draw', s: 'skipped' };

/** The text that the reference gave a duel when its endpoint failed; it then counted it as a draw. */
const JUDGE_FAILED = 'Internal error';

/** A report's digest. `knownNames` is used for its names when they are the same. */
export function digestReport(
  report: MatchReport,
  facts: Pick<ReportDigest, 'inputs' | 'commit'>,
  knownNames: readonly Stem[] | undefined,
): ReportDigest {
  const { left, right, score, margin, amendment, duels } = report;
  const isSame = knownNames?.length === duels.length && duels.every((duel, at) => duel.name === knownNames[at]);
  const doubted = duels.filter(isInDoubt).length;
  return {
    left,
    right,
    score,
    margin,
    amendment,
    names: isSame ? knownNames : duels.map((duel) => duel.name),
    winners: duels.map((duel) => LETTERS[duel.winner]).join(''),
    doubt: doubted === 0 ? undefined : { ...marginRange(duels, isInDoubt), count: doubted },
    ...facts,
  };
}

/** The duels of a digest, as far as it keeps them. */
export function duelsOf({ names, winners }: ReportDigest): readonly Pick<Duel, 'name' | 'winner'>[] {
  return names.map((name, at) => ({ name, winner: WINNERS[winners[at] ?? 'd'] ?? 'draw' }));
}

function isInDoubt(duel: Pick<Duel, 'issues'>): boolean {
  return duel.issues.startsWith(JUDGE_FAILED);
}
