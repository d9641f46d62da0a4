import { type ChangeFault, changedFields, counted, sameValue } from '@tiltyard/schema';
import type { AuditRequests } from '@tiltyard/schema/gen3d';
import type { CommitView } from '../../replay/commit-view.js';
import type { FileChange } from '../../replay/file-change.js';
import { changeRule, tableFaults } from '../../rules/changes.js';
import type { Rule } from '../rule.js';
import { matrixRows } from '../tree.js';

/** A2: rows of the matrix are compared as text too, so that not even the way of writing a margin changes. */
const appendedRows: Rule = {
  id: 'A2',
  severity: 'error',
  check(at, tell) {
    for (const change of at.changes) {
      if (change.known.name !== 'matchMatrix') continue;
      const old = matrixRows(change.before);
      const now = matrixRows(change.after);
      const changed = change.after === undefined ? -1 : old.findIndex((row, index) => row !== now[index]);
      tell.looked(now.length);
      if (changed >= 0) {
        const [was, is] = [brief(old[changed] ?? ''), now[changed]];
        const detail =
          is === undefined ? `${counted(old.length - now.length, 'row')} removed: ${was}` : `${was} → ${brief(is)}`;
        tell.fault({ path: change.path, detail });
      }
      for (const fault of tableFaults(at, change)) {
        if (fault.code !== 'not_append') tell.fault({ path: change.path, detail: fault.detail });
      }
    }
  },
};

/** How files may change from one commit to the next: the table's own checks, rule by rule. */
export const CHANGE_RULES: readonly Rule[] = [
  changeRule('A1', ['leader'], (_at, _change, faults) => faults.filter((fault) => fault.code !== 'order')),
  appendedRows,
  changeRule('A3', ['auditRequests'], unlessRenewed),
  changeRule('A4', ['generationAudits'], milderIfDerived),
  changeRule('A5', ['builds'], withFields),
  changeRule('A6', ['seed', 'prompts', 'submissions', 'schedule', 'rules', 'winner']),
  changeRule('A7', ['matchReport']),
  changeRule('A8', ['submitted', 'generated']),
  changeRule('A9', ['config'], whichFields),
  changeRule('A10', ['amendments']),
  changeRule('L1', ['leader'], (_at, _change, faults) => faults.filter((fault) => fault.code === 'order')),
];

/** The later competition names a new defender in a request when the timeline has one; nobody may vanish there either. */
function unlessRenewed(
  _at: CommitView,
  { before, after }: FileChange,
  faults: readonly ChangeFault[],
): readonly ChangeFault[] {
  if (after?.content.format === undefined) return faults;
  const hotkeysOf = (file: FileChange['before']) =>
    ((file?.content.value ?? []) as AuditRequests).map((request) => request.hotkey);
  const now = new Set(hotkeysOf(after));
  return hotkeysOf(before).every((hotkey) => now.has(hotkey)) ? [] : faults;
}

/** The later competition derives a verdict anew when its defender changes: a person should look, no more. */
function milderIfDerived(at: CommitView, change: FileChange, faults: readonly ChangeFault[]): readonly ChangeFault[] {
  const told = withFields(at, change, faults);
  if (change.after?.content.format === undefined) return told;
  return told.map((fault) => (fault.code === 'settled_changed' ? { ...fault, severity: 'warn' } : fault));
}

/** Tells which fields of config.json changed, once the competition runs. */
function whichFields(
  at: CommitView,
  { before, after }: FileChange,
  faults: readonly ChangeFault[],
): readonly ChangeFault[] {
  if (!at.started) return [];
  const told = changedFields(before?.content.value ?? {}, after?.content.value ?? {});
  return faults.map((fault) => ({ ...fault, detail: `${fault.detail}: ${told}` }));
}

/** Names the fields of a settled entry that changed: its outcome may be the same. */
function withFields(
  _at: CommitView,
  { before, after }: FileChange,
  faults: readonly ChangeFault[],
): readonly ChangeFault[] {
  const entryOf = (file: FileChange['before'], key: string) =>
    ((file?.content.value ?? {}) as Readonly<Record<string, object>>)[key] ?? {};
  return faults.map((fault) => {
    if (fault.code !== 'settled_changed' || fault.key === undefined) return fault;
    const [old, now] = [entryOf(before, fault.key), entryOf(after, fault.key)];
    const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
      (field) => !sameValue(Reflect.get(old, field), Reflect.get(now, field)),
    );
    return { ...fault, detail: `${fault.detail} (${fields.join(', ')})` };
  });
}

function brief(row: string): string {
  return row
    .split(',')
    .map((cell) => cell.slice(0, 10))
    .join(',');
}
