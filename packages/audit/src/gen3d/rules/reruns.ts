import { projectAmendments, stillStands } from '@tiltyard/rules/gen3d';
import { counted, type Hotkey, sameValue } from '@tiltyard/schema';
import { type GenerationResult, isUsable, type Stem } from '@tiltyard/schema/gen3d';
import { isOwnWork } from '../commit-view.js';
import { rulesAt } from '../round/round-view.js';
import { contentRule, type Rule, several, type WrittenFile } from '../rule.js';
import { stemsOf, valueIn } from '../tree.js';

type Generated = WrittenFile<'generated'>;

/** What containers made again: how often they were asked, and when it may still change. */
export const RERUN_RULES: readonly Rule[] = [
  contentRule(
    {
      id: 'R14',
      severity: 'error',
      only: 'ours',
    },
    'generated',
    (results, file) => {
      const { round } = file.params;
      const rules = rulesAt(file.tree, round);
      const prompts = valueIn(file.tree, 'prompts', { round });
      if (rules === undefined || prompts === undefined || !isOwnWork(file.at, round)) return;
      const stems = new Set(stemsOf(prompts));
      const isVoided = voidedIn(file.at.parent, round, file.params.side) !== undefined;
      const isReopened = reopenedBy(file);
      const wrong: string[] = [];
      let changed = 0;
      for (const [stem, after] of Object.entries(results) as [Stem, GenerationResult][]) {
        const before = file.before?.[stem];
        if (sameValue(before, after)) continue;
        file.looked();
        changed += 1;
        if (!stems.has(stem)) wrong.push(`${stem} is no prompt of the round`);
        const most = rules.generation.max_attempts;
        if (after.attempts > most) wrong.push(`${stem} had ${after.attempts} attempts of ${most}`);
        const detail = before === undefined ? undefined : attemptFault(before, after, { isVoided, isReopened });
        if (detail !== undefined) wrong.push(`${stem}: ${detail}`);
      }
      if (wrong.length > 0) file.fault(several(wrong, 'prompt'));
      if (changed > 0 && !isReopened && hasVerdict(file))
        file.fault(`${counted(changed, 'result')} changed after the verdict`);
    },
  ),
];

/** What an attempt cannot have done to a result: attempts are counted, and the better result of all is kept. */
function attemptFault(
  before: GenerationResult,
  after: GenerationResult,
  { isVoided, isReopened }: { readonly isVoided: boolean; readonly isReopened: boolean },
): string | undefined {
  if (after.attempts < before.attempts) {
    // Attempts that fall without any order, or to another number, are told by the file's own rule (A8).
    const isAnew = after.attempts === 0 && !isUsable(after) && isVoided;
    return isAnew && !isReopened ? 'starts anew under an order that had been followed already' : undefined;
  }
  if (sameFile(before, after) || (!isUsable(before) && !isUsable(after))) return undefined;
  if (after.attempts === before.attempts) return 'was exchanged without another attempt';
  if (!isUsable(before)) return undefined;
  return isUsable(after) && after.generation_time < before.generation_time
    ? undefined
    : 'was exchanged for one that is not better';
}

/** Whether two results are of one file: all but how often it was tried. */
function sameFile(before: GenerationResult, after: GenerationResult): boolean {
  return sameValue({ ...before, attempts: 0 }, { ...after, attempts: 0 });
}

/** Whether a commit opens a voided audit again, which it does once: from then on the audit carries the order's number. */
function reopenedBy({ at, tree, params: { round, side } }: Generated): boolean {
  const audit = valueIn(at.parent, 'generationAudits', { round })?.[side as Hotkey];
  const voided = voidedIn(at.parent, round, side);
  if (audit === undefined || voided === undefined || stillStands(audit.amendment, voided)) return false;
  return valueIn(tree, 'generationAudits', { round })?.[side as Hotkey]?.amendment === voided;
}

/** Whether a verdict on these results stands: from then on nothing is run. */
function hasVerdict({ at, params: { round, side } }: Generated): boolean {
  const audit = valueIn(at.parent, 'generationAudits', { round })?.[side as Hotkey];
  if (audit === undefined || audit.outcome === 'pending') return false;
  return stillStands(audit.amendment, voidedIn(at.parent, round, side));
}

function voidedIn(tree: Generated['tree'], round: number, side: string): number | undefined {
  const amendments = valueIn(tree, 'amendments', { round }) ?? [];
  return projectAmendments(amendments).voidedAudits.get(side as Hotkey);
}
