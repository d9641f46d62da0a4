import type { ChangeFault, SettleOptions } from '../change.js';
import { sameValue } from '../same-value.js';
import type { AmendedContext } from './amended-context.js';
import type { Amendment, AmendmentAction } from './files/amendments.js';
import type { GenerationAudit } from './files/audits.js';
import type { Build } from './files/builds.js';
import { isSettledBuild } from './files/builds.js';
import { type GenerationResult, isUsable } from './files/generations.js';

/** The actions that open one hotkey's settled fact again. */
type ReopeningAction = AmendmentAction & ('retry_build' | 'void_audit');

/**
 * builds.json: what is built never changes; a settled build changes only under a retry_build amendment newer than the one
 * that it carries.
 */
export const buildsSettle: SettleOptions<Build, AmendedContext> = {
  revise(before, after, key, context) {
    const renamed = BUILD_IDENTITY.filter((field) => before[field] !== after[field]);
    if (renamed.length > 0) return [settledChanged(key, `another ${renamed.join(', ')}`)];
    if (isSettledBuild(before.status) && !reopens('retry_build', key, before, after, context)) {
      return [settledChanged(key, `${before.status} → ${after.status}`)];
    }
    return amendmentFaults('retry_build', key, before, after, context);
  },
  admit: (after, key, context) => amendmentFaults('retry_build', key, {}, after, context),
};

const BUILD_IDENTITY = ['repo', 'commit', 'revealed_at_block', 'tag'] as const;

/** generation_audits.json: a settled audit changes only under a void_audit amendment newer than the one that it carries. */
export const auditsSettle: SettleOptions<GenerationAudit, AmendedContext> = {
  revise(before, after, key, context) {
    if (before.outcome !== 'pending' && !reopens('void_audit', key, before, after, context)) {
      return [settledChanged(key, `${before.outcome} → ${after.outcome}`)];
    }
    return amendmentFaults('void_audit', key, before, after, context);
  },
  admit: (after, key, context) => amendmentFaults('void_audit', key, {}, after, context),
};

/**
 * submitted.json: a usable submission is settled; a failed one may be tried again. Flags of duplicates may be added, and a
 * file that belongs to another miner (`duplicate_of:…`) may lose its preview, for good.
 */
export const submittedSettle: SettleOptions<GenerationResult, AmendedContext> = {
  revise(before, after, key) {
    const isCopy = before.error?.code.startsWith(DUPLICATE_OF) === true;
    if (!isUsable(before) && !isCopy) {
      return [{ code: 'retried', severity: 'info', key, detail: 'a failed file was tried again' }];
    }
    const { duplicates: flagsBefore = [], ...old } = before;
    const { duplicates: flagsAfter = [], ...now } = after;
    const lost = flagsBefore.filter((hotkey) => !flagsAfter.includes(hotkey));
    if (lost.length > 0) return [settledChanged(key, `is not flagged as a duplicate of ${lost.join(', ')} any more`)];
    if (sameValue(old, now)) return [];
    if (!isCopy && now.error?.code.startsWith(DUPLICATE_OF) === true) {
      const { error: _before, ...file } = old;
      const { error: _after, ...rest } = now;
      if (now.png === null && sameValue({ ...file, png: null }, rest)) return [];
    }
    return [settledChanged(key, `${brief(before)} → ${brief(after)}`)];
  },
};

const DUPLICATE_OF = 'duplicate_of:';

/**
 * generated.json: attempts only grow, and a usable result is only replaced by a better one. Its distance is that of an
 * attempt: without another one it is never lowered.
 */
export const generatedSettle: SettleOptions<GenerationResult, AmendedContext> = {
  revise(before, after, key, context) {
    const faults: ChangeFault[] = [];
    if (after.attempts < before.attempts) {
      const voided = context.amendments.findLast((a) => a.action === 'void_audit' && a.hotkey === context.params.side);
      // A voided audit starts over, from nothing. A drop to any other number hides attempts.
      if (voided !== undefined && after.attempts === 0 && !isUsable(after)) {
        return [{ code: 'retried', severity: 'info', key, detail: `starts anew under amendment ${voided.id}` }];
      }
      const detail = `attempts fell from ${before.attempts} to ${after.attempts}`;
      faults.push({ code: 'attempts_fell', severity: 'error', key, detail });
    }
    if (!isUsable(before)) return faults;
    const change = `${brief(before)} → ${brief(after)}`;
    if (!isUsable(after) || after.generation_time > before.generation_time) {
      faults.push({ code: 'got_worse', severity: 'warn', key, detail: change });
    }
    if (isUsable(after) && after.attempts === before.attempts && after.distance !== before.distance) {
      // The verdict depends on it: measured again on the same file, or on one that was not asked for.
      const detail = `distance ${before.distance} → ${after.distance}, without another attempt`;
      faults.push({ code: 'rewritten', severity: after.distance < before.distance ? 'error' : 'info', key, detail });
    }
    return faults;
  },
};

/** What carries the id of the amendment that it was settled under. */
export interface Amended {
  readonly amendment?: number | undefined;
}

/**
 * What is wrong with the amendment that a new or changed fact names: one that is not there would make a correction of that
 * number void before it is written, and one that is dropped or older would let one correction serve twice.
 *
 * @param isIts - Whether an amendment is about this fact.
 */
export function namedAmendmentFaults(
  before: Amended,
  after: Amended,
  { amendments }: AmendedContext,
  isIts: (amendment: Amendment) => boolean,
): readonly ChangeFault[] {
  const [old, now] = [before.amendment, after.amendment];
  if (old === now) return [];
  if (now === undefined || now < (old ?? 0)) {
    const detail = `was written under amendment ${old}, and now under ${now ?? 'none'}`;
    return [{ code: 'wrong_amendment', severity: 'error', detail }];
  }
  if (amendments.some((amendment) => amendment.id === now && isIts(amendment))) return [];
  return [{ code: 'wrong_amendment', severity: 'error', detail: `names amendment ${now}, which does not open it` }];
}

function amendmentFaults(
  action: ReopeningAction,
  hotkey: string,
  before: Amended,
  after: Amended,
  context: AmendedContext,
): readonly ChangeFault[] {
  const faults = namedAmendmentFaults(before, after, context, (a) => a.action === action && a.hotkey === hotkey);
  return faults.map((fault) => ({ ...fault, key: hotkey }));
}

/**
 * True when an amendment of this action and hotkey, newer than the one that the old entry carries, allows a new entry
 * and the new entry names it.
 */
function reopens(
  action: ReopeningAction,
  hotkey: string,
  before: Amended,
  after: Amended,
  { amendments }: AmendedContext,
): boolean {
  return amendments.some(
    (a) => a.action === action && a.hotkey === hotkey && a.id > (before.amendment ?? 0) && a.id === after.amendment,
  );
}

function settledChanged(key: string, detail: string): ChangeFault {
  return { code: 'settled_changed', severity: 'error', key, detail };
}

function brief(result: GenerationResult): string {
  return isUsable(result) ? `usable, ${result.generation_time.toFixed(2)} s, ${result.size} bytes` : 'failed';
}
