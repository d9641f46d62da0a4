import type { AuditReport } from './interfaces.js';

/** What a program that audits ends with: 0 no errors, 1 errors found, 2 the repository could not be read. */
export type ExitStatus = 0 | 1 | 2;

/** The exit status of an audit: of its report, or of what was thrown instead of one. */
export function exitStatus(outcome: AuditReport | Error): ExitStatus {
  if (outcome instanceof Error) return 2;
  return outcome.ok ? 0 : 1;
}
