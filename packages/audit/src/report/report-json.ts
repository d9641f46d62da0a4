import type { AuditReport } from '../interfaces.js';

/** A report as `--json` prints it: verdicts, findings, and what the report is of. */
export type ReportJson = Pick<
  AuditReport,
  'ok' | 'commits' | 'rounds' | 'rules' | 'findings' | 'tip' | 'dialect' | 'network'
>;

/** The object that `--json` prints. @see docs/auditing.md#auditing */
export function reportJson(report: AuditReport): ReportJson {
  const { ok, commits, rounds, rules, findings, tip, dialect, network } = report;
  return { ok, commits, rounds, rules, findings, tip, dialect, network };
}
