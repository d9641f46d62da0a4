import type { Hotkey } from '@tiltyard/schema';
import {
  type Build,
  type GenerationAudit,
  type GenerationResult,
  type Generations,
  isUsable,
  type Rules,
  type Stem,
} from '@tiltyard/schema/gen3d';
import { trimmedMedian } from '../../statistics/trimmed-median.js';
import { buildOutcome } from './builds.js';
import { isSettledMismatch } from './coordinator.js';
import { fixed2 } from './fixed2.js';

/** The reason of an audit that was rejected without a run. */
export const BUILD_FAILED_REASON = 'Failed to build a docker image';

/** What a verdict follows from. */
export interface AuditVerdictInput {
  readonly hotkey: Hotkey;
  readonly criticalPrompts: readonly Stem[];
  readonly submitted: Generations;
  readonly generated: Generations;
  /** The build that counts, see `standingBuilds`; undefined while there is none. */
  readonly build: Pick<Build, 'status'> | undefined;
  /** True once the run makes no more attempts. A prompt without a result then counts as a mismatch. */
  readonly runComplete: boolean;
  /** Prompts that were made again but whose distance could not be measured: they keep the audit open. */
  readonly unmeasured?: ReadonlySet<Stem>;
  readonly rules: Pick<Rules, 'generation' | 'verification'>;
  /** The last void_audit of this hotkey: the verdict says that it was given under it. */
  readonly amendment?: number | undefined;
}

/**
 * Gives the verdict on a re-run: did the container make what was submitted, in time?
 *
 * `failed_prompts` counts the mismatches that are not critical, `failed_critical` the critical ones. While anything on our
 * side is open (the build, the run, a distance) the audit is pending, with the counts of what is certain so far; whatever the
 * miner did not deliver counts against it.
 *
 * @see docs/rules.md#audit-verdict
 */
export function auditVerdict(input: AuditVerdictInput): GenerationAudit {
  const { amendment } = input;
  return { ...verdict(input), ...(amendment === undefined ? {} : { amendment }) };
}

function verdict(input: AuditVerdictInput): GenerationAudit {
  const { hotkey, criticalPrompts, submitted, generated, rules } = input;
  const build = buildOutcome(input.build?.status);
  if (build === 'failed') return unchecked(hotkey, 'rejected', BUILD_FAILED_REASON);
  if (build === 'open') return unchecked(hotkey, 'pending', '');

  const isOpen = !input.runComplete || (input.unmeasured?.size ?? 0) > 0;
  const checked = checkedPrompts(submitted).filter((stem) => !isOpen || isCertain(generated[stem], rules));
  const mismatched = checked.filter((stem) => isMismatch(generated[stem], rules));
  const critical = new Set(criticalPrompts);
  const failedCritical = mismatched.filter((stem) => critical.has(stem)).length;
  const failed = mismatched.length - failedCritical;
  const times = checked.flatMap((stem) => {
    const result = generated[stem];
    return result !== undefined && isUsable(result) ? [result.generation_time] : [];
  });
  const time = trimmedMedian(times, rules.generation.median_trim);
  const reasons = isOpen ? [] : rejectionReasons({ time, failed, failedCritical }, rules);
  return {
    hotkey,
    outcome: isOpen ? 'pending' : reasons.length > 0 ? 'rejected' : 'passed',
    checked_prompts: checked.length,
    failed_prompts: failed,
    failed_critical: failedCritical,
    generation_time: time ?? null,
    reason: reasons.join('; '),
  };
}

/** The prompts that an audit regenerates and compares: those with a usable submission, in the order of submitted.json. */
export function checkedPrompts(submitted: Generations): readonly Stem[] {
  return (Object.entries(submitted) as [Stem, GenerationResult][])
    .filter(([, result]) => isUsable(result))
    .map(([stem]) => stem);
}

/** Whether a prompt counts as checked while the run goes on: it is confirmed, or no further attempt can change it. */
function isCertain(result: GenerationResult | undefined, rules: AuditVerdictInput['rules']): boolean {
  return result !== undefined && (!isMismatch(result, rules) || isSettledMismatch(result, rules));
}

/** True when a result does not bear out the submission: missing, failed, later than the hard limit, or too different. */
export function isMismatch(
  result: GenerationResult | undefined,
  { generation, verification }: Pick<Rules, 'generation' | 'verification'>,
): boolean {
  if (result === undefined || !isUsable(result)) return true;
  return result.generation_time > generation.hard_limit_seconds || result.distance > verification.acceptable_distance;
}

function rejectionReasons(
  { time, failed, failedCritical }: { time: number | undefined; failed: number; failedCritical: number },
  { generation, verification }: Pick<Rules, 'generation' | 'verification'>,
): readonly string[] {
  const limit = generation.median_limit_seconds;
  const { max_mismatched_prompts: most, max_mismatched_critical_prompts: mostCritical } = verification;
  const reasons: string[] = [];
  if (time !== undefined && time > limit) {
    reasons.push(`Trimmed median generation time (${fixed2(time)}s) exceeds limit (${fixed2(limit)}s)`);
  }
  if (failed > most) reasons.push(`Non-critical mismatches (${failed}) exceed tolerance (${most})`);
  if (failedCritical > mostCritical) {
    reasons.push(`Critical mismatches (${failedCritical}) exceed tolerance (${mostCritical})`);
  }
  return reasons;
}

function unchecked(hotkey: Hotkey, outcome: 'pending' | 'rejected', reason: string): GenerationAudit {
  return { hotkey, outcome, checked_prompts: 0, failed_prompts: 0, failed_critical: 0, generation_time: null, reason };
}
