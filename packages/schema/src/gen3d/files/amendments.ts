import { z } from 'zod';
import { BlockNumber, Hotkey, Side } from '../../names.js';
import { openObject } from '../../open-object.js';
import { FreeText, Time } from '../../scalars.js';
import { STAGES, type Stage } from '../stage-machine.js';

/** A stage that a competition can be held in: one with an owner. */
const HeldStage = z.enum(STAGES).exclude(['finished', 'paused']) as unknown as z.ZodType<Stage>;

const base = {
  id: z.int().min(1).describe('counts from 1'),
  at: Time.describe('when it was ordered'),
  reason: FreeText.min(1).describe('why, for everybody'),
};

/**
 * A correction by the operator. Services derive from it; no other file is edited.
 *
 * `void_audit`, `retry_build` and `rejudge_match` open one settled fact again; the entry or report that replaces it
 * carries the amendment's id. `pause` and `resume` name the stage that the competition is held in.
 */
export const Amendment = z.discriminatedUnion('action', [
  openObject({
    ...base,
    action: z.literal('void_audit'),
    hotkey: Hotkey.describe('whose audit, build or part in the round'),
  }),
  openObject({
    ...base,
    action: z.literal('retry_build'),
    hotkey: Hotkey.describe('whose audit, build or part in the round'),
  }),
  openObject({
    ...base,
    action: z.literal('rejudge_match'),
    left: Side.describe('the defender'),
    right: Hotkey.describe('the challenger'),
  }),
  openObject({
    ...base,
    action: z.literal('exclude_hotkey'),
    hotkey: Hotkey.describe('whose audit, build or part in the round'),
  }),
  openObject({
    ...base,
    action: z.literal('extend_deadline'),
    generation_deadline_block: BlockNumber.describe('files may be fetched from this block on, if it is later'),
  }),
  openObject({ ...base, action: z.literal('pause'), stage: HeldStage.describe('the stage that is held') }),
  openObject({ ...base, action: z.literal('resume'), stage: HeldStage.describe('the stage that is held') }),
]);
export type Amendment = z.infer<typeof Amendment>;
export type AmendmentAction = Amendment['action'];

/** The actions that an amendment may have. */
export const AMENDMENT_ACTIONS: readonly AmendmentAction[] = Amendment.options.map(
  (option) => option.shape.action.value,
);

/** amendments.json: ids count from 1. */
export const Amendments = z
  .array(Amendment)
  .refine((amendments) => amendments.every((a, index) => a.id === index + 1), 'ids do not count from 1');
export type Amendments = readonly Amendment[];
