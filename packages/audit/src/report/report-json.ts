import type { AuditReport } from '../interfaces.js';

/** A report as `--json` prints it: the fields of audit.md and no others. */
export type ReportJson = Pick<AuditReport, 'ok' | 'commits' | 'rounds' | 'rules' | 'findings'>;

/** The object that `--json` prints. @see audit.md, output */
export function reportJson({ ok, commits, rounds, rules, findings }: AuditReport): ReportJson {
  return { ok, commits, rounds, rules, findings };
}
