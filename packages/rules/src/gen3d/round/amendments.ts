import type { BlockNumber, Hotkey, Side } from '@tiltyard/schema';
import type { Amendment, Builds, GenerationAudits, Schedule, Stage } from '@tiltyard/schema/gen3d';

/**
 * What a round's amendments change in what is derived. Ids count from 1; a settled fact that carries the id of the
 * amendment that opened it, or a later one, has been settled again.
 */
export interface Amended {
  /** Hotkeys that take no further part, as if they had been rejected. */
  readonly excluded: ReadonlySet<Hotkey>;
  /** Hotkey → id of the last void_audit: its verdict does not count unless it was given under that id. */
  readonly voidedAudits: ReadonlyMap<Hotkey, number>;
  /** Hotkey → id of the last retry_build. */
  readonly retriedBuilds: ReadonlyMap<Hotkey, number>;
  /** Match ({@link matchKey}) → id of the last rejudge_match. */
  readonly rejudgedMatches: ReadonlyMap<string, number>;
  /** The last extended generation deadline. */
  readonly deadlineBlock: BlockNumber | undefined;
  /** The last pause or resume. */
  readonly hold: StageHold;
}

/** Whether an operator holds the competition, and in which stage. */
export type StageHold =
  | { readonly kind: 'none' }
  | { readonly kind: 'held'; readonly stage: Stage }
  | { readonly kind: 'released'; readonly stage: Stage };

/** A match's name in maps and sets. */
export function matchKey(left: Side, right: Hotkey): string {
  return `${left}>${right}`;
}

/**
 * Folds a round's amendments, in the order of their ids, into what they change.
 *
 * @see docs/rules.md#amendments
 */
export function projectAmendments(amendments: readonly Amendment[]): Amended {
  const excluded = new Set<Hotkey>();
  const voidedAudits = new Map<Hotkey, number>();
  const retriedBuilds = new Map<Hotkey, number>();
  const rejudgedMatches = new Map<string, number>();
  let deadlineBlock: BlockNumber | undefined;
  let hold: StageHold = { kind: 'none' };
  for (const amendment of amendments) {
    switch (amendment.action) {
      case 'void_audit':
        voidedAudits.set(amendment.hotkey, amendment.id);
        break;
      case 'retry_build':
        retriedBuilds.set(amendment.hotkey, amendment.id);
        break;
      case 'rejudge_match':
        rejudgedMatches.set(matchKey(amendment.left, amendment.right), amendment.id);
        break;
      case 'exclude_hotkey':
        excluded.add(amendment.hotkey);
        break;
      case 'extend_deadline':
        deadlineBlock = amendment.generation_deadline_block;
        break;
      case 'pause':
        hold = { kind: 'held', stage: amendment.stage };
        break;
      case 'resume':
        hold = { kind: 'released', stage: amendment.stage };
        break;
    }
  }
  return { excluded, voidedAudits, retriedBuilds, rejudgedMatches, deadlineBlock, hold };
}

/** True when a fact settled under amendment `settledUnder` (none: before any) still stands after `openedBy`. */
export function stillStands(settledUnder: number | undefined, openedBy: number | undefined): boolean {
  return openedBy === undefined || (settledUnder ?? 0) >= openedBy;
}

/** The audits that count: all but the voided ones that have not been run again. */
export function standingAudits(audits: GenerationAudits, amended: Pick<Amended, 'voidedAudits'>): GenerationAudits {
  return Object.fromEntries(
    Object.entries(audits).filter(([hotkey, audit]) =>
      stillStands(audit.amendment, amended.voidedAudits.get(hotkey as Hotkey)),
    ),
  ) as GenerationAudits;
}

/** The builds that count: all but those to be retried that have not been. */
export function standingBuilds(builds: Builds, amended: Pick<Amended, 'retriedBuilds'>): Builds {
  return Object.fromEntries(
    Object.entries(builds).filter(([hotkey, build]) =>
      stillStands(build.amendment, amended.retriedBuilds.get(hotkey as Hotkey)),
    ),
  ) as Builds;
}

/**
 * The generation deadline that counts: the schedule's, or a later one that an operator set, never an earlier one; undefined
 * where the schedule has none, as in the reference's earliest rounds.
 */
export function generationDeadline(
  { generation_deadline_block: scheduled }: Schedule,
  { deadlineBlock: extended }: Pick<Amended, 'deadlineBlock'>,
): BlockNumber | undefined {
  if (scheduled === undefined || extended === undefined) return scheduled;
  return extended > scheduled ? extended : scheduled;
}
