import { type Hotkey, LEADER } from '@tiltyard/schema';
import type { StandingOf } from '../audit/audit-standing.js';
import type { MarginOf } from './matrix.js';

/** Where a hotkey stands with the reigning leader. */
export type Qualification = 'rejected' | 'unplayed' | 'unqualified' | 'qualified';

/** What qualification follows from. */
export interface QualificationFacts {
  readonly margin: MarginOf;
  readonly standing: StandingOf;
  readonly winMargin: number;
}

/**
 * Tells whether a hotkey may enter the timeline: it must beat the reigning leader by the win margin.
 *
 * @see docs/rules.md#qualification
 */
export function qualificationOf(hotkey: Hotkey, { margin, standing, winMargin }: QualificationFacts): Qualification {
  if (standing(hotkey).status === 'rejected') return 'rejected';
  const againstLeader = margin(LEADER, hotkey);
  if (againstLeader === undefined) return 'unplayed';
  return againstLeader >= winMargin ? 'qualified' : 'unqualified';
}
