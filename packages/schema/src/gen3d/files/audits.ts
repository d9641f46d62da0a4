import { z } from 'zod';
import { Hotkey } from '../../names.js';
import { openObject } from '../../open-object.js';
import { FreeText, Seconds } from '../../scalars.js';
import { Stem } from '../names.js';

/** A hotkey whose container must be re-run, with the prompts that its win depended on. */
export const AuditRequest = openObject({
  hotkey: Hotkey.describe('who must prove it'),
  critical_prompts: z.array(Stem).describe('prompts that the win depended on'),
});
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
  hotkey: Hotkey.describe('the key again'),
  outcome: z.enum(['pending', 'passed', 'rejected']).describe('pending until the re-run has ended'),
  checked_prompts: z.int().min(0).describe('prompts with a usable submission'),
  failed_prompts: z.int().min(0).describe('mismatches, critical ones aside'),
  failed_critical: z.int().min(0).describe('critical mismatches'),
  generation_time: Seconds.nullable().describe('trimmed median in seconds, or null'),
  reason: FreeText.describe('every limit that was exceeded, or empty'),
  amendment: z.int().min(1).describe('the void_audit amendment that it was run again under').optional(),
});
export type GenerationAudit = z.infer<typeof GenerationAudit>;

/** generation_audits.json. */
export const GenerationAudits = z.record(Hotkey, GenerationAudit);
export type GenerationAudits = Readonly<Record<Hotkey, GenerationAudit>>;

/** A person's verdict on a leader's source code. */
export const SourceAudit = openObject({
  hotkey: Hotkey.describe('whose source'),
  verdict: z.enum(['passed', 'failed']).describe('what the person decided'),
  reason: FreeText.describe('why'),
});
export type SourceAudit = z.infer<typeof SourceAudit>;

/** source_audit.json. */
export const SourceAudits = z.array(SourceAudit);
export type SourceAudits = readonly SourceAudit[];
