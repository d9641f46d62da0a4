import {
  type ChangeFault,
  type LeaderHistory,
  type StateFileName,
  type Submissions,
  sameValue,
} from '@tiltyard/schema';
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

/** A2: rows of the matrix are compared as text, so that not even the way of writing a margin changes. */
const matrixRows: Rule = {
  id: 'A2',
  severity: 'error',
  says: 'Rows of the matrix are only appended.',
  check(at, tell) {
    for (const { path, known, before, after } of at.changes) {
      const old = before?.content.rows;
      const now = after?.content.rows;
      if (known.name !== 'matchMatrix' || old === undefined || now === undefined) continue;
      tell.looked(old.length);
      const changed = old.findIndex((row, index) => row !== now[index]);
      if (changed < 0) continue;
      const becomes = now[changed];
      const detail =
        becomes === undefined ? `${old.length - now.length} rows are gone` : `row ${changed + 1} is another`;
      tell.fault({
        path,
        detail: `${detail}: ${brief(old[changed] ?? '')}${becomes === undefined ? '' : ` → ${brief(becomes)}`}`,
      });
    }
  },
};

/** A6: with the registry's own check, and for submissions also their order, which decides who meets whom. */
const writtenOnce: Rule = registryRule(
  'A6',
  'Seed, prompts, submissions, schedule, rules and winner of a round are written once.',
  ['seed', 'prompts', 'submissions', 'schedule', 'rules', 'winner'],
  (_at, change, faults) => {
    if (faults.length > 0 || change.known.name !== 'submissions') return faults;
    const order = (file: FileChange['before']) => Object.keys((file?.content.value ?? {}) as Submissions).join();
    if (order(change.before) === order(change.after)) return faults;
    return [{ code: 'rewritten', severity: 'error', detail: 'the order of reveals changed' }];
  },
);

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
  writtenOnce,
  registryRule('A7', 'A match report is written once, and again only when an amendment asks for it.', ['matchReport']),
  registryRule('A8', 'Results do not vanish, and usable ones do not get worse.', ['submitted', 'generated']),
  registryRule('A9', 'config.json does not change once the competition runs.', ['config'], (at, _change, faults) =>
    at.started ? faults : [],
  ),
  registryRule('A10', 'Amendments are only appended.', ['amendments']),
  {
    id: 'L1',
    severity: 'error',
    says: 'The effective blocks of leaders rise.',
    check(at, tell) {
      for (const change of at.changes) {
        const after = change.after?.content.value as LeaderHistory | undefined;
        if (change.known.name !== 'leader' || after === undefined) continue;
        const before = (change.before?.content.value as LeaderHistory | undefined)?.length ?? 0;
        // From the last entry that was there before on: a fault is told once, where it comes in.
        const news = after.slice(Math.max(0, Math.min(before, after.length) - 1));
        tell.looked(news.length);
        const faults = change.known.file.change.check([], news, contextOf(at, change));
        for (const fault of faults) tell.fault({ path: change.path, detail: fault.detail });
      }
    },
  },
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
        const [before, after] = [change.before?.content.value, change.after?.content.value];
        if (!names.includes(change.known.name) || before === undefined || after === undefined) continue;
        tell.looked();
        const faults = refine(at, change, change.known.file.change.check(before, after, contextOf(at, change)));
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

function contextOf(at: CommitView, { known }: FileChange) {
  const round = known.params.round ?? stateBefore(at)?.current_round ?? 0;
  return { amendments: amendmentsBefore(at, round), params: { ...known.params } };
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
