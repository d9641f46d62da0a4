import { z } from 'zod';
import { Hotkey, Stem } from '../names.js';
import { openObject } from '../open-object.js';
import { FreeText, Seconds } from './scalars.js';

/** A hotkey whose container must be re-run, with the prompts that its win hung on. */
export const AuditRequest = openObject({ hotkey: Hotkey, critical_prompts: z.array(Stem) });
export type AuditRequest = z.infer<typeof AuditRequest>;

/** require_audit.json: unique by hotkey. */
export const AuditRequests = z
  .array(AuditRequest)
  .refine((requests) => new Set(requests.map((r) => r.hotkey)).size === requests.length, 'names a hotkey twice');
export type AuditRequests = readonly AuditRequest[];

/**
 * The verdict of a re-run. `generation_time` is the trimmed median in seconds. `amendment` is the void_audit amendment
 * that the audit was run again under.
 */
export const GenerationAudit = openObject({
  hotkey: Hotkey,
  outcome: z.enum(['pending', 'passed', 'rejected']),
  checked_prompts: z.int().min(0),
  failed_prompts: z.int().min(0),
  failed_critical: z.int().min(0),
  generation_time: Seconds.nullable(),
  reason: FreeText,
  amendment: z.int().min(1).optional(),
});
export type GenerationAudit = z.infer<typeof GenerationAudit>;

/** generation_audits.json. */
export const GenerationAudits = z.record(Hotkey, GenerationAudit);
export type GenerationAudits = Readonly<Record<Hotkey, GenerationAudit>>;

/** A person's verdict on a leader's source code. */
export const SourceAudit = openObject({ hotkey: Hotkey, verdict: z.enum(['passed', 'failed']), reason: FreeText });
export type SourceAudit = z.infer<typeof SourceAudit>;

/** source_audit.json. */
export const SourceAudits = z.array(SourceAudit);
export type SourceAudits = readonly SourceAudit[];
