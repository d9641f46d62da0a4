import { shortName } from '@tiltyard/schema';
import type { FileChange } from '../../replay/file-change.js';
import type { Tree } from '../../replay/tree.js';
import { type AuditRow, auditReportPath } from '../legacy/era-files.js';
import type { Rule } from '../rule.js';
import { keptOf } from '../tree.js';

/** Rows of the later competition's audit matrix, each of which has its report, and what the duels of reports come to. */
export const LATER_MATRIX_RULES: readonly Rule[] = [
  {
    id: 'R1',
    severity: 'error',
    only: 'reference',
    check(at, tell) {
      for (const change of at.changes) {
        const { path, known } = change;
        const { round } = known.params;
        if (round === undefined) continue;
        const report = known.name === 'auditReport' ? change.after && keptOf(change.after.content).audit : undefined;
        if (report !== undefined) {
          tell.looked();
          const detail = `the margin is ${report.margin}, the duels give ${report.due}`;
          if (report.margin !== report.due) tell.fault({ path, detail });
        }
        if (known.name !== 'auditMatrix') continue;
        for (const row of newRows(change)) {
          tell.looked();
          const detail = rowFault(at.tree, round, row);
          if (detail === undefined) continue;
          tell.fault({ path, detail: `${row.left} vs ${shortName(row.right)}${detail}` });
        }
      }
    },
  },
];

/** Rows that a commit appends or changes. */
function newRows({ before, after }: FileChange): readonly AuditRow[] {
  const old = new Map(rowsOf(before).map((row) => [`${row.left} ${row.right}`, row.margin]));
  return rowsOf(after).filter((row) => old.get(`${row.left} ${row.right}`) !== row.margin);
}

function rowsOf(file: FileChange['after']): readonly AuditRow[] {
  return (file?.content.value ?? []) as readonly AuditRow[];
}

function rowFault(tree: Tree, round: number, { left, right, margin }: AuditRow): string | undefined {
  const [, defender, repeat] = /^(.{1,50})_(\d{1,3})$/.exec(left) ?? [];
  if (defender === undefined) return ' names no re-run';
  const report = tree.at(auditReportPath(round, right, defender, Number(repeat)));
  if (report === undefined) return ' has no report';
  const { audit } = keptOf(report.content);
  if (audit === undefined) return undefined;
  if (audit.left !== defender) return `: the report is about ${audit.left.slice(0, 10)}`;
  return audit.margin === margin ? undefined : `: the row says ${margin}, the report ${audit.margin}`;
}
