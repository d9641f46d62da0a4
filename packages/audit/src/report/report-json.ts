import type { AuditReport } from '../interfaces.js';

/** A report as `--json` prints it: the fields of audit.md, and what the report is of. */
export type ReportJson = Pick<
  AuditReport,
  'ok' | 'commits' | 'rounds' | 'rules' | 'findings' | 'tip' | 'dialect' | 'network'
>;

/** The object that `--json` prints. @see audit.md, output */
export function reportJson(report: AuditReport): ReportJson {
  const { ok, commits, rounds, rules, findings, tip, dialect, network } = report;
  return { ok, commits, rounds, rules, findings, tip, dialect, network };
}
