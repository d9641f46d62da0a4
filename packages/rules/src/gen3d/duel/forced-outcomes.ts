import type { GenerationResult, Stem } from '@tiltyard/schema/gen3d';

/** A duel's outcome that follows without a judge, with the text that its `issues` holds. */
export interface ForcedOutcome {
  readonly winner: 'left' | 'right' | 'draw';
  readonly issues: string;
}

/** What a side's files are, as far as forced outcomes look: prompt stem → result. */
export type SideFiles = ReadonlyMap<Stem, Pick<GenerationResult, 'png' | 'generation_time'>>;

/** The two sides of a match, and when a file counts as too slow. */
export interface ForcedOutcomesInput {
  /** The round's prompts, in the order of its prompts.txt: the allowance is spent in this order. */
  readonly prompts: readonly Stem[];
  readonly left: SideFiles;
  readonly right: SideFiles;
  readonly hardLimitSeconds: number;
  /** Share of the prompts that a side may be too slow on for free. */
  readonly overtimeToleranceRatio: number;
}

/**
 * The outcomes that are settled before any judge is asked: a missing preview loses, and so does a file that took longer than
 * the hard limit beyond the side's allowance. What is not in the map goes to the judge.
 *
 * A side without any usable file loses every duel that the other side has a file for, so its match needs no judge.
 *
 * @returns prompt stem → outcome, in the order of the prompts.
 * @see docs/rules.md#forced-outcomes
 */
export function forcedOutcomes(input: ForcedOutcomesInput): ReadonlyMap<Stem, ForcedOutcome> {
  const { prompts, left, right } = input;
  const leftLate = overtimeBeyondAllowance(left, input);
  const rightLate = overtimeBeyondAllowance(right, input);
  const outcomes = new Map<Stem, ForcedOutcome>();
  for (const stem of prompts) {
    const outcome =
      missingPreview(stem, hasPreview(left, stem), hasPreview(right, stem)) ??
      overtime(leftLate.has(stem), rightLate.has(stem));
    if (outcome !== undefined) outcomes.set(stem, outcome);
  }
  return outcomes;
}

/** True when a duel's `issues` is one of the texts that only a forced outcome may have. */
export function isForcedText(stem: Stem, issues: string): boolean {
  return FORCED_TEXTS(stem).includes(issues);
}

const noPreviews = (stem: Stem) => `No previews for ${stem}`;
const noPreview = (stem: Stem, side: 'left' | 'right') => `No preview for ${stem} from ${side}`;
const tooSlow = (side: 'left' | 'right' | 'both') => `Generation time exceeded for ${side}`;

const FORCED_TEXTS = (stem: Stem): readonly string[] => [
  noPreviews(stem),
  noPreview(stem, 'left'),
  noPreview(stem, 'right'),
  tooSlow('left'),
  tooSlow('right'),
  tooSlow('both'),
];

function hasPreview(files: SideFiles, stem: Stem): boolean {
  return (files.get(stem)?.png ?? null) !== null;
}

function missingPreview(stem: Stem, left: boolean, right: boolean): ForcedOutcome | undefined {
  if (left && right) return undefined;
  if (!left && !right) return { winner: 'draw', issues: noPreviews(stem) };
  return left
    ? { winner: 'left', issues: noPreview(stem, 'right') }
    : { winner: 'right', issues: noPreview(stem, 'left') };
}

function overtime(left: boolean, right: boolean): ForcedOutcome | undefined {
  if (left && right) return { winner: 'draw', issues: tooSlow('both') };
  if (left) return { winner: 'right', issues: tooSlow('left') };
  if (right) return { winner: 'left', issues: tooSlow('right') };
  return undefined;
}

/** The prompts that a side is too slow on, less the first few, which are free. */
function overtimeBeyondAllowance(files: SideFiles, input: ForcedOutcomesInput): ReadonlySet<Stem> {
  const late = input.prompts.filter((stem) => (files.get(stem)?.generation_time ?? 0) > input.hardLimitSeconds);
  return new Set(late.slice(Math.trunc(input.prompts.length * input.overtimeToleranceRatio)));
}
