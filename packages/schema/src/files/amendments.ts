import { z } from 'zod';
import { BlockNumber, Hotkey, Side } from '../names.js';
import { openObject } from '../open-object.js';
import { STAGES } from '../stage-machine.js';
import { FreeText, Time } from './scalars.js';

const base = { id: z.int().min(1), at: Time, reason: FreeText.min(1) };

/**
 * A correction by the operator. Services derive from it; nobody edits another file.
 *
 * `void_audit`, `retry_build` and `rejudge_match` open one settled fact again; the entry or report that replaces it
 * carries the amendment's id. `pause` and `resume` name the stage that the competition is held in.
 */
export const Amendment = z.discriminatedUnion('action', [
  openObject({ ...base, action: z.literal('void_audit'), hotkey: Hotkey }),
  openObject({ ...base, action: z.literal('retry_build'), hotkey: Hotkey }),
  openObject({ ...base, action: z.literal('rejudge_match'), left: Side, right: Hotkey }),
  openObject({ ...base, action: z.literal('exclude_hotkey'), hotkey: Hotkey }),
  openObject({ ...base, action: z.literal('extend_deadline'), generation_deadline_block: BlockNumber }),
  openObject({ ...base, action: z.literal('pause'), stage: z.enum(STAGES) }),
  openObject({ ...base, action: z.literal('resume'), stage: z.enum(STAGES) }),
]);
export type Amendment = z.infer<typeof Amendment>;
export type AmendmentAction = Amendment['action'];

/** amendments.json: ids count from 1. */
export const Amendments = z
  .array(Amendment)
  .refine((amendments) => amendments.every((a, index) => a.id === index + 1), 'ids do not count from 1');
export type Amendments = readonly Amendment[];
