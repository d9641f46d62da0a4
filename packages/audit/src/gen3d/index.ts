import * as audit from '../index.js';
import { GEN3D } from './competition.js';
import type { RoundStory } from './story/round-story.js';

/** What every audit has: options, reports, findings, errors. */
export * from '../index.js';
/** The 3D competition as it is audited. */
export { GEN3D } from './competition.js';
/** The rules' ids, names and sentences. */
export { RULE_IDS, RULES, type RuleId } from './rule-names.js';
/** A round's story for people. */
export { explainRound } from './story/explain-round.js';
/** What happened in a round, and what it hung on. */
export type { ChallengerStory, RoundStory, Turn } from './story/round-story.js';

/** What an audit of the 3D competition found. */
export type AuditReport = audit.AuditReport<RoundStory>;

/** Audits a repository of the 3D competition. */
export function auditRepository(options: audit.AuditOptions): Promise<AuditReport> {
  return audit.auditRepository(GEN3D, options);
}

/** A report on a repository of the 3D competition, for people. */
export function reportText(report: audit.AuditReport, options?: audit.ReportTextOptions): string {
  return audit.reportText(GEN3D, report, options);
}
