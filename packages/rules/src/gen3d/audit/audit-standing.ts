import type { Hotkey } from '@tiltyard/schema';
import type { GenerationAudits, SourceAudits } from '@tiltyard/schema/gen3d';

/** An audit that a local leader still needs. */
export type AuditKind = 'generation_audit' | 'source_audit';

/** Where a hotkey stands with its audits. `awaits` names what is missing for approval, never empty while open. */
export type Standing =
  | { readonly status: 'approved' }
  | { readonly status: 'rejected'; readonly by: AuditKind | 'exclusion' }
  | { readonly status: 'open'; readonly awaits: readonly [AuditKind, ...AuditKind[]] };

/** The standing of each hotkey. */
export type StandingOf = (hotkey: Hotkey) => Standing;

/** What standings follow from. */
export interface AuditFacts {
  /** Audits that count, see `standingAudits`. */
  readonly generationAudits: GenerationAudits;
  readonly sourceAudits: SourceAudits;
  readonly requireSourceAudit: boolean;
  readonly excluded?: ReadonlySet<Hotkey>;
}

/**
 * Tells who is approved, rejected or neither.
 *
 * Rejected: excluded, generation audit rejected or source audit failed. Approved: generation audit passed and, where the
 * rules ask for it, source audit passed. Of several source audits of one hotkey the last counts.
 *
 * @see docs/rules.md#standing
 */
export function standings({ generationAudits, sourceAudits, requireSourceAudit, excluded }: AuditFacts): StandingOf {
  const source = new Map(sourceAudits.map((audit) => [audit.hotkey, audit.verdict]));
  return (hotkey) => {
    if (excluded?.has(hotkey)) return { status: 'rejected', by: 'exclusion' };
    const generation = generationAudits[hotkey]?.outcome;
    if (generation === 'rejected') return { status: 'rejected', by: 'generation_audit' };
    if (source.get(hotkey) === 'failed') return { status: 'rejected', by: 'source_audit' };
    const generationOpen = generation !== 'passed';
    const sourceOpen = requireSourceAudit && source.get(hotkey) !== 'passed';
    if (generationOpen) {
      return { status: 'open', awaits: sourceOpen ? ['generation_audit', 'source_audit'] : ['generation_audit'] };
    }
    return sourceOpen ? { status: 'open', awaits: ['source_audit'] } : { status: 'approved' };
  };
}
