import type { ChangeContext, ChangeFault } from './change.js';
import { sameValue } from './change.js';
import type { AmendmentAction } from './files/amendments.js';
import type { GenerationAudit } from './files/audits.js';
import type { Build } from './files/builds.js';
import { isSettledBuild } from './files/builds.js';
import { type GenerationResult, isUsable } from './files/generations.js';

/** A settled build changes only under a retry_build amendment newer than the one that it carries. */
export function reviseBuild(before: Build, after: Build, key: string, context: ChangeContext): readonly ChangeFault[] {
  if (!isSettledBuild(before.status)) return [];
  if (reopens('retry_build', key, before.amendment, after.amendment, context)) return [];
  return [settledChanged(key, `${before.status} → ${after.status}`)];
}

/** A settled audit changes only under a void_audit amendment newer than the one that it carries. */
export function reviseAudit(
  before: GenerationAudit,
  after: GenerationAudit,
  key: string,
  context: ChangeContext,
): readonly ChangeFault[] {
  if (before.outcome === 'pending') return [];
  if (reopens('void_audit', key, before.amendment, after.amendment, context)) return [];
  return [settledChanged(key, `${before.outcome} → ${after.outcome}`)];
}

/**
 * A usable submission is settled; a failed one may be tried again. Flags of duplicates may be added, and a file that
 * belongs to somebody else (`duplicate_of:…`) may lose its preview.
 */
export function reviseSubmitted(
  before: GenerationResult,
  after: GenerationResult,
  key: string,
): readonly ChangeFault[] {
  if (!isUsable(before)) return [{ code: 'retried', severity: 'info', key, detail: 'a failed file was tried again' }];
  const { duplicates: _flagsBefore, ...old } = before;
  const { duplicates: _flagsAfter, ...now } = after;
  if (sameValue(old, now)) return [];
  if (now.error?.code.startsWith('duplicate_of:') === true) {
    const { error: _error, ...rest } = now;
    if (now.png === null && sameValue({ ...old, png: null }, rest)) return [];
  }
  return [settledChanged(key, `${brief(before)} → ${brief(after)}`)];
}

/** Attempts only grow, and a usable result is only replaced by a better one. */
export function reviseGenerated(
  before: GenerationResult,
  after: GenerationResult,
  key: string,
  context: ChangeContext,
): readonly ChangeFault[] {
  const faults: ChangeFault[] = [];
  const voided = context.amendments.some((a) => a.action === 'void_audit' && a.hotkey === context.params.side);
  if (after.attempts < before.attempts && !voided) {
    const detail = `attempts fell from ${before.attempts} to ${after.attempts}`;
    faults.push({ code: 'attempts_fell', severity: 'error', key, detail });
  }
  if (isUsable(before) && (!isUsable(after) || after.generation_time > before.generation_time)) {
    faults.push({ code: 'got_worse', severity: 'warn', key, detail: `${brief(before)} → ${brief(after)}` });
  }
  return faults;
}

/**
 * True when an amendment of this action and hotkey, newer than the one that the old entry carries, allows a new entry
 * and the new entry names it.
 */
function reopens(
  action: AmendmentAction & ('retry_build' | 'void_audit'),
  hotkey: string,
  carried: number | undefined,
  named: number | undefined,
  { amendments }: ChangeContext,
): boolean {
  return amendments.some((a) => a.action === action && a.hotkey === hotkey && a.id > (carried ?? 0) && a.id === named);
}

function settledChanged(key: string, detail: string): ChangeFault {
  return { code: 'settled_changed', severity: 'error', key, detail };
}

function brief(result: GenerationResult): string {
  return isUsable(result) ? `usable, ${result.generation_time.toFixed(2)} s, ${result.size} bytes` : 'failed';
}
