import { type ChangeFault, counted } from '@tiltyard/schema';
import type { CommitView } from '../replay/commit-view.js';
import type { FileChange } from '../replay/file-change.js';
import type { Rule } from './rule.js';

/** How many deleted files of one round are told one by one: who deletes more deletes the round. */
const DELETIONS_TOLD = 10;

/** A0: what is on record stays on record. */
export const DELETION_RULE: Rule<'A0'> = {
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

/** A rule that is the table's own check of how some files may change. */
export function changeRule<Id extends string>(
  id: Id,
  names: readonly string[],
  refine: (at: CommitView, change: FileChange, faults: readonly ChangeFault[]) => readonly ChangeFault[] = (_, __, f) =>
    f,
): Rule<Id> {
  return {
    id,
    severity: 'error',
    check(at, tell) {
      for (const change of at.changes) {
        if (!names.includes(change.known.name) || change.after?.content.value === undefined) continue;
        tell.looked();
        const faults = refine(at, change, tableFaults(at, change));
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

/** What the table has against a change. Nothing where what there was before cannot be read. */
export function tableFaults({ standing }: CommitView, { known, before, after }: FileChange): readonly ChangeFault[] {
  const [old, now] = [before?.content.value, after?.content.value];
  if (now === undefined || (before !== undefined && old === undefined)) return [];
  const context = standing.context(known);
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
