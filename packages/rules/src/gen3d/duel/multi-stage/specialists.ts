import type { DuelOutcome } from '../pairwise.js';
import type { CallPenalties } from './two-orders.js';

/** How well one feature of the prompt is there. */
export type FeatureMatch = 'yes' | 'partial' | 'no';

/** When the specialists vote, and when one of them is sure. */
export interface SpecialistOptions {
  readonly bestViewGap?: number;
  readonly strongBestViewGap?: number;
  readonly artifactGap?: number;
  readonly checklistGap?: number;
  readonly strongChecklistGap?: number;
}

export const SPECIALIST_DEFAULTS: Required<SpecialistOptions> = {
  bestViewGap: 1,
  strongBestViewGap: 2,
  artifactGap: 1,
  checklistGap: 2,
  strongChecklistGap: 6,
};

/** What the specialists found: mean penalties over both orders, and checklist scores, where more is better. */
export interface SpecialistFindings {
  readonly bestView: CallPenalties;
  readonly artifacts: CallPenalties;
  readonly checklist: { readonly left: number; readonly right: number };
}

/** Stage 2's outcome, how it came about, and each specialist's vote; `draw` is an abstention. */
export interface SpecialistVerdict {
  readonly winner: DuelOutcome;
  readonly because: 'strong_vote' | 'majority' | 'no_majority';
  readonly votes: Readonly<Record<keyof SpecialistFindings, DuelOutcome>>;
}

const MATCH_SCORE: Readonly<Record<FeatureMatch, number>> = { yes: 2, partial: 1, no: 0 };
const MAIN_OBJECT_SCORE = 3;

/** A side's checklist score: 2 for a feature that is there, 1 for one that is half right, 3 more for the right object. */
export function checklistScore(matches: readonly FeatureMatch[], isMainObjectRight: boolean): number {
  const features = matches.reduce((sum, match) => sum + MATCH_SCORE[match], 0);
  return features + (isMainObjectRight ? MAIN_OBJECT_SCORE : 0);
}

/** The view that is most like the prompt; of several that are, the first. Undefined without views. */
export function bestViewOf(similarities: ReadonlyMap<string, number>): string | undefined {
  let best: { readonly view: string; readonly similarity: number } | undefined;
  for (const [view, similarity] of similarities) {
    if (best === undefined || similarity > best.similarity) best = { view, similarity };
  }
  return best?.view;
}

/**
 * Stage 2: three specialists vote. One that is sure decides, unless two that are sure disagree; else two of three.
 *
 * @see docs/rules.md#multi-stage-judging
 */
export function specialistVerdict(
  { bestView, artifacts, checklist }: SpecialistFindings,
  options: SpecialistOptions = {},
): SpecialistVerdict {
  const gaps = { ...SPECIALIST_DEFAULTS, ...options };
  const bestViewLead = bestView.right - bestView.left;
  const checklistLead = checklist.left - checklist.right;
  const votes = {
    bestView: voteOf(bestViewLead, gaps.bestViewGap),
    artifacts: voteOf(artifacts.right - artifacts.left, gaps.artifactGap),
    checklist: voteOf(checklistLead, gaps.checklistGap),
  };
  const sure = new Set(
    [voteOf(bestViewLead, gaps.strongBestViewGap), voteOf(checklistLead, gaps.strongChecklistGap)].filter(
      (vote) => vote !== 'draw',
    ),
  );
  const [strong] = sure;
  if (strong !== undefined && sure.size === 1) return { winner: strong, because: 'strong_vote', votes };

  const count = (side: DuelOutcome) => Object.values(votes).filter((vote) => vote === side).length;
  for (const side of ['left', 'right'] as const) {
    if (count(side) >= 2) return { winner: side, because: 'majority', votes };
  }
  return { winner: 'draw', because: 'no_majority', votes };
}

/** A vote for the side that leads by at least `minGap`; `lead` is positive when left is better. */
function voteOf(lead: number, minGap: number): DuelOutcome {
  if (Math.abs(lead) < minGap || lead === 0) return 'draw';
  return lead > 0 ? 'left' : 'right';
}
