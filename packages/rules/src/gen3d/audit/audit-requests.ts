import type { Hotkey, Side } from '@tiltyard/schema';
import type { AuditRequest, MatchReport } from '@tiltyard/schema/gen3d';
import { localLeaders, type Timeline } from '../duel/timeline.js';
import { type CriticalPromptRules, criticalPrompts } from './critical-prompts.js';

/** What audit requests follow from. */
export interface AuditRequestFacts extends CriticalPromptRules {
  readonly timeline: Timeline;
  /** require_audit.json as it stands. */
  readonly requested: readonly AuditRequest[];
  /** The report of a played match. */
  readonly report: (left: Side, right: Hotkey) => Pick<MatchReport, 'margin' | 'duels'> | undefined;
}

/**
 * The audit requests to append: one for each local leader that has none yet, with the critical prompts of the match that
 * made it one. Requests are never replaced, so a hotkey that leads again after a rejection keeps its first.
 *
 * A local leader whose report is missing gets none: a row without a report is a broken ledger, which the ledger refuses
 * and the auditor reports.
 *
 * @see docs/rules.md#audit-requests
 */
export function auditRequestsDue({
  timeline,
  requested,
  report,
  ...rules
}: AuditRequestFacts): readonly AuditRequest[] {
  const known = new Set(requested.map((request) => request.hotkey));
  return localLeaders(timeline).flatMap(({ hotkey, defender }) => {
    if (known.has(hotkey) || defender === undefined) return [];
    const match = report(defender, hotkey);
    return match === undefined ? [] : [{ hotkey, critical_prompts: [...criticalPrompts(match, rules)] }];
  });
}
