import { type ChangeFault, changedFields, counted, sameValue } from '@tiltyard/schema';
import type { AuditRequests, StateFileName } from '@tiltyard/schema/gen3d';
import type { RuleId } from '../gen3d/rules/rule-names.js';
import { amendmentsBefore, type CommitView, type FileChange, stateBefore } from '../replay/commit-view.js';
import type { Rule } from './rule.js';

/** How many deleted files of one round are told one by one: who deletes more deletes the round. */
const DELETIONS_TOLD = 10;

/** A0: what is on record stays on record. */
const deletions: Rule = {
  id: 'A0',
  severity: 'error',
  check(at, tell) {
    tell.looked(at.changes.length);
    const deleted = at.changes.filter(({ before, after }) => before !== undefined && after === undefined);
    for (const [round, ofRound] of byRound(deleted)) {
      if (round !== undefined && ofRound.length > DELETIONS_TOLD) {
        const kinds = new Set(ofRound.map(({ known }) => known.file.path.template.replace(/^.*\//, '')));
        const detail = `${counted(ofRound.length, 'file')} of the round deleted: ${[...kinds].slice(0, 20).join(', ')}`;
        tell.fault({ round, detail });
        continue;
      }
      for (const { path, known } of ofRound) {
        tell.fault({ path, detail: `deleted: ${known.file.says.replace(/\.$/, '')}` });
      }
    }
  },
};

function byRound(changes: readonly FileChange[]): ReadonlyMap<number | undefined, readonly FileChange[]> {
  const rounds = new Map<number | undefined, FileChange[]>();
  for (const change of changes) {
    const { round } = change.known.params;
    const ofRound = rounds.get(round);
    if (ofRound === undefined) rounds.set(round, [change]);
    else ofRound.push(change);
  }
  return rounds;
}

/** A2: rows of the matrix are compared as text too, so that not even the way of writing a margin changes. */
const matrixRows: Rule = {
  id: 'A2',
  severity: 'error',
  check(at, tell) {
    for (const change of at.changes) {
      if (change.known.name !== 'matchMatrix') continue;
      const old = change.before?.content.rows ?? [];
      const now = change.after?.content.rows ?? [];
      const changed = change.after === undefined ? -1 : old.findIndex((row, index) => row !== now[index]);
      tell.looked(now.length);
      if (changed >= 0) {
        const [was, is] = [brief(old[changed] ?? ''), now[changed]];
        const detail =
          is === undefined ? `${counted(old.length - now.length, 'row')} removed: ${was}` : `${was} → ${brief(is)}`;
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
  registryRule('A1', ['leader'], (_at, _change, faults) => faults.filter((fault) => fault.code !== 'order')),
  matrixRows,
  registryRule('A3', ['auditRequests'], unlessRenewed),
  registryRule('A4', ['generationAudits'], milderIfDerived),
  registryRule('A5', ['builds'], withFields),
  registryRule('A6', ['seed', 'prompts', 'submissions', 'schedule', 'rules', 'winner']),
  registryRule('A7', ['matchReport']),
  registryRule('A8', ['submitted', 'generated']),
  registryRule('A9', ['config'], whichFields),
  registryRule('A10', ['amendments']),
  registryRule('L1', ['leader'], (_at, _change, faults) => faults.filter((fault) => fault.code === 'order')),
];

/** A rule that is the registry's own check of how some files may change. */
function registryRule(
  id: RuleId,
  names: readonly StateFileName[],
  refine: (at: CommitView, change: FileChange, faults: readonly ChangeFault[]) => readonly ChangeFault[] = (_, __, f) =>
    f,
): Rule {
  return {
    id,
    severity: 'error',
    check(at, tell) {
      for (const change of at.changes) {
        if (!(names as readonly string[]).includes(change.known.name) || change.after?.content.value === undefined)
          continue;
        tell.looked();
        const faults = refine(at, change, registryFaults(at, change));
        for (const [first, ...others] of groups(faults)) {
          const more =
            others.length > 0
              ? ` (and ${others.length} more: ${others.slice(0, 3).map(keyOf).join(', ')}${others.length > 3 ? '…' : ''})`
              : '';
          tell.fault({ path: change.path, severity: first.severity, detail: `${lead(first)}${first.detail}${more}` });
        }
      }
    },
  };
}

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
