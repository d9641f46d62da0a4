import { type ChangeFault, type StateFileName, sameValue } from '@tiltyard/schema';
import { amendmentsBefore, type CommitView, type FileChange, stateBefore } from '../replay/commit-view.js';
import type { Rule } from './rule.js';
import type { RuleId } from './rule-ids.js';

/** A0: what is on record stays on record. */
const deletions: Rule = {
  id: 'A0',
  severity: 'error',
  says: 'No state file is deleted.',
  check(at, tell) {
    for (const { path, before, after, known } of at.changes) {
      tell.looked();
      if (before !== undefined && after === undefined) {
        tell.fault({ path, detail: `deleted: ${known.file.says.replace(/\.$/, '')}` });
      }
    }
  },
};

/** A2: rows of the matrix are compared as text too, so that not even the way of writing a margin changes. */
const matrixRows: Rule = {
  id: 'A2',
  severity: 'error',
  says: 'Rows of the matrix are only appended.',
  check(at, tell) {
    for (const change of at.changes) {
      if (change.known.name !== 'matchMatrix') continue;
      const old = change.before?.content.rows ?? [];
      const now = change.after?.content.rows ?? [];
      const changed = change.after === undefined ? -1 : old.findIndex((row, index) => row !== now[index]);
      tell.looked(now.length);
      if (changed >= 0) {
        const [was, is] = [brief(old[changed] ?? ''), now[changed]];
        const detail = is === undefined ? `${old.length - now.length} rows are gone: ${was}` : `${was} → ${brief(is)}`;
        tell.fault({ path: change.path, detail });
      }
      for (const fault of registryFaults(at, change)) {
        if (fault.code !== 'not_append') tell.fault({ path: change.path, detail: fault.detail });
      }
    }
  },
};

/** How files may change from one commit to the next: the registry's own checks, rule by rule. */
export const CHANGE_RULES: readonly Rule[] = [
  deletions,
  registryRule('A1', 'Entries of leader.json are only appended.', ['leader'], (_at, _change, faults) =>
    faults.filter((fault) => fault.code !== 'order'),
  ),
  matrixRows,
  registryRule('A3', 'Audit requests are only appended.', ['auditRequests']),
  registryRule('A4', 'A settled generation audit neither changes nor vanishes.', ['generationAudits'], withFields),
  registryRule('A5', 'A settled build does not change, and no build vanishes.', ['builds'], withFields),
  registryRule('A6', 'Seed, prompts, submissions, schedule, rules and winner of a round are written once.', [
    'seed',
    'prompts',
    'submissions',
    'schedule',
    'rules',
    'winner',
  ]),
  registryRule('A7', 'A match report is written once, and again only when an amendment asks for it.', ['matchReport']),
  registryRule('A8', 'Results do not vanish, and usable ones do not get worse.', ['submitted', 'generated']),
  registryRule('A9', 'config.json does not change once the competition runs.', ['config'], (at, _change, faults) =>
    at.started ? faults : [],
  ),
  registryRule('A10', 'Amendments are only appended.', ['amendments']),
  registryRule('L1', 'The effective blocks of leaders rise.', ['leader'], (_at, _change, faults) =>
    faults.filter((fault) => fault.code === 'order'),
  ),
];

/** A rule that is the registry's own check of how some files may change. */
function registryRule(
  id: RuleId,
  says: string,
  names: readonly StateFileName[],
  refine: (at: CommitView, change: FileChange, faults: readonly ChangeFault[]) => readonly ChangeFault[] = (_, __, f) =>
    f,
): Rule {
  return {
    id,
    severity: 'error',
    says,
    check(at, tell) {
      for (const change of at.changes) {
        if (!names.includes(change.known.name) || change.after?.content.value === undefined) continue;
        tell.looked();
        const faults = refine(at, change, registryFaults(at, change));
        for (const [first, ...others] of groups(faults)) {
          const more =
            others.length > 0 ? ` (and ${others.length} more: ${others.slice(0, 3).map(keyOf).join(', ')}…)` : '';
          tell.fault({ path: change.path, severity: first.severity, detail: `${lead(first)}${first.detail}${more}` });
        }
      }
    },
  };
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

/** What the registry has against a change. Nothing where what there was before cannot be read. */
function registryFaults(at: CommitView, { known, before, after }: FileChange): readonly ChangeFault[] {
  const [old, now] = [before?.content.value, after?.content.value];
  if (now === undefined || (before !== undefined && old === undefined)) return [];
  const round = known.params.round ?? stateBefore(at)?.current_round ?? 0;
  const context = { amendments: amendmentsBefore(at, round), params: { ...known.params } };
  const { change } = known.file;
  return before === undefined ? change.checkNew(now, context) : change.check(old, now, context);
}

/** Faults of one kind together: a person who deletes a hundred entries is one finding, not a hundred. */
function groups(faults: readonly ChangeFault[]): readonly (readonly [ChangeFault, ...ChangeFault[]])[] {
  const byKind = new Map<string, [ChangeFault, ...ChangeFault[]]>();
  for (const fault of faults) {
    const key = `${fault.code} ${fault.severity}`;
    const group = byKind.get(key);
    if (group === undefined) byKind.set(key, [fault]);
    else group.push(fault);
  }
  return [...byKind.values()];
}

function lead(fault: ChangeFault): string {
  const isNamed = fault.key === undefined || /^\d+$/.test(fault.key) || fault.detail.startsWith(fault.key);
  return isNamed ? '' : `${keyOf(fault)}: `;
}

function keyOf({ key = '' }: ChangeFault): string {
  return key.slice(0, 10);
}

function brief(row: string): string {
  return row
    .split(',')
    .map((cell) => cell.slice(0, 10))
    .join(',');
}
