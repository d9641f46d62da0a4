import type { Config, GenerationAudits, MatchRow, SourceAudits, Submissions, Thresholds } from '@tiltyard/schema/gen3d';
import { standings } from '../audit/audit-standing.js';
import type { Amended } from '../round/amendments.js';
import { revealOrder } from '../round/submissions.js';
import { type MatrixContext, marginsOf } from './matrix.js';
import type { TimelineInput } from './timeline.js';

/** What decides a round at one commit, the same for every reader. */
export interface RoundTerms {
  readonly round: number;
  readonly config: Config;
  /** The round's thresholds, see `thresholdsOf`. */
  readonly rules: Thresholds;
  /** What the round's amendments change, see `projectAmendments`. */
  readonly amended: Amended;
}

/** What is on record of a round's matches and audits at one commit. A file that is not there yet is empty. */
export interface DuelsRecord extends Required<Pick<MatrixContext, 'reportAmendment'>> {
  readonly submissions: Submissions;
  readonly matrix: readonly MatchRow[];
  /** Audits that count, see `standingAudits`. */
  readonly audits: GenerationAudits;
  readonly sourceAudits: SourceAudits;
  /** See `isBaselineComplete`. */
  readonly leaderBaselineComplete: boolean;
}

/** Puts together what a round's timeline follows from: for the judge, and for everyone who checks or shows its work. */
export function timelineInput(
  { rules, amended }: Pick<RoundTerms, 'rules' | 'amended'>,
  record: DuelsRecord,
): TimelineInput {
  const { submissions, matrix, reportAmendment, audits, sourceAudits, leaderBaselineComplete } = record;
  return {
    hotkeys: revealOrder(submissions),
    margin: marginsOf(matrix, { amended, reportAmendment }),
    standing: standings({
      generationAudits: audits,
      sourceAudits,
      requireSourceAudit: rules.tournament.require_source_audit,
      excluded: amended.excluded,
    }),
    winMargin: rules.tournament.win_margin,
    leaderBaselineComplete,
  };
}
