import type { GenerationResult, Generations, Stem } from '@tiltyard/schema/gen3d';
import { type AuditVerdictInput, auditVerdict, checkedPrompts, isMismatch } from '../audit/audit-verdict.js';
import { isSettledMismatch } from '../audit/coordinator.js';

/**
 * The prompts on which a rejection hangs although they had attempts left: had all of them been made well, the audit would
 * have passed. None where the rejection stands whatever they came to, and so none of a run that ended as settled or as
 * hopeless: one that ends with some had pods that took no more of them (see `runState`).
 *
 * Prompts that match and are merely slow are not among them: their times count as they are.
 *
 * @param input - Of a verdict that is `rejected` after a run.
 * @see docs/rules.md#audit-verdict
 */
export function openPromptsOf(input: AuditVerdictInput): readonly Stem[] {
  const { submitted, generated, rules } = input;
  const open = checkedPrompts(submitted).filter((stem) => {
    const result = generated[stem];
    return isMismatch(result, rules) && (result === undefined || !isSettledMismatch(result, rules));
  });
  const made = Object.fromEntries(open.map((stem) => [stem, MADE_WELL])) as Generations;
  return auditVerdict({ ...input, generated: { ...generated, ...made } }).outcome === 'rejected' ? [] : open;
}

const MADE_WELL: GenerationResult = { glb: '', png: '', generation_time: 0, size: 0, attempts: 1, distance: 0 };
