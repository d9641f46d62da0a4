/** Why a repository could not be audited at all. */
export { AuditError, type AuditFault } from './audit-error.js';
/** Replays a state repository's history and checks every rule. */
export { auditRepository } from './audit-repository.js';
/** What a program that audits ends with. */
export { type ExitStatus, exitStatus } from './exit-status.js';
/** The rules' ids, names and sentences. */
export { RULE_IDS, RULES, type RuleId } from './gen3d/rules/rule-names.js';
/** What an audit is asked, and what it finds. */
export type {
  AuditOptions,
  AuditProgress,
  AuditReport,
  AuditSource,
  Dialect,
  Finding,
  RoundVerdict,
  RuleTally,
} from './interfaces.js';
/** What `--json` prints. */
export { type ReportJson, reportJson } from './report/report-json.js';
/** A report for people. */
export { REPORT_TEXT_DEFAULTS, type ReportTextOptions, reportText } from './report/report-text.js';
