import type { DuelOutcome } from '../pairwise.js';
import type { FrontViewVerdict } from './front-views.js';
import { type SideGuardVerdict, type SideView, sideGuardVerdict } from './side-guard.js';
import type { SpecialistVerdict } from './specialists.js';

/** What the stages found. A stage that was not called for is undefined, see {@link nextStage}. */
export interface StageFindings {
  readonly front: FrontViewVerdict | undefined;
  readonly specialists: SpecialistVerdict | undefined;
  /** `gate_closed` when the foreground was not pale: nothing is asked then. */
  readonly grey: DuelOutcome | 'gate_closed' | undefined;
  readonly sides: { readonly left: readonly SideView[]; readonly right: readonly SideView[] } | undefined;
}

/** A stage of the judge, in order. */
export type JudgingStage = 'front' | 'specialists' | 'grey' | 'sides';

/** The outcome of all stages: the stage that decided before the side guard, and what that changed. */
export interface MultiStageVerdict extends SideGuardVerdict {
  readonly decidedBy: Exclude<JudgingStage, 'sides'> | 'none';
  readonly beforeSideGuard: DuelOutcome;
}

/**
 * Which stage is to be asked next: each one only while those before it drew, and the side guard always.
 *
 * @returns undefined when all that is needed is there.
 * @see docs/rules.md#multi-stage-judging
 */
export function nextStage({ front, specialists, grey, sides }: StageFindings): JudgingStage | undefined {
  if (front === undefined) return 'front';
  if (front.winner === 'draw') {
    if (specialists === undefined) return 'specialists';
    if (specialists.winner === 'draw' && grey === undefined) return 'grey';
  }
  return sides === undefined ? 'sides' : undefined;
}

/**
 * The duel's outcome from the findings of all stages, or undefined while a stage is missing: an answer that did not come is
 * never a draw.
 *
 * @see docs/rules.md#multi-stage-judging
 */
export function multiStageVerdict(findings: StageFindings): MultiStageVerdict | undefined {
  const { front, specialists, grey, sides } = findings;
  if (nextStage(findings) !== undefined || sides === undefined) return undefined;
  const stages = [
    ['front', front?.winner],
    ['specialists', specialists?.winner],
    ['grey', grey === 'gate_closed' ? 'draw' : grey],
  ] as const;
  const [decidedBy, beforeSideGuard] = stages.find(([, winner]) => winner === 'left' || winner === 'right') ?? [
    'none',
    'draw',
  ];
  const outcome = beforeSideGuard ?? 'draw';
  return { ...sideGuardVerdict(outcome, sides.left, sides.right), decidedBy, beforeSideGuard: outcome };
}
