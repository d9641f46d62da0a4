/** Why a repository could not be audited at all. */
export { AuditError, type AuditFault } from './audit-error.js';
/** Replays a state repository's history and checks every rule. */
export { auditRepository } from './audit-repository.js';
/** What an audit asks of a competition. */
export type { AuditedCompetition, CompetitionRecord } from './audited-competition.js';
/** What a program that audits ends with. */
export { type ExitStatus, exitStatus } from './exit-status.js';
/** What an audit is asked, and what it finds. */
export type {
  AuditOptions,
  AuditProgress,
  AuditReport,
  AuditSource,
  Dialect,
  EarlierVerdict,
  Finding,
  RoundVerdict,
  RuleTally,
} from './interfaces.js';
/** What `--json` prints. */
export { type ReportJson, reportJson } from './report/report-json.js';
/** A report for people. */
export { REPORT_TEXT_DEFAULTS, type ReportTextOptions, reportText } from './report/report-text.js';
/** How rules are named, and those that every competition has. */
export { type RuleNames, ruleTitle, SHARED_RULES } from './rules/rule-names.js';
