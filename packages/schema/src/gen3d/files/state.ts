import { z } from 'zod';
import { openObject } from '../../open-object.js';
import { Time } from '../../scalars.js';
import { Round } from '../names.js';
import { STAGES } from '../stage-machine.js';

/** Where the competition stands. `next_stage_eta` is an estimate for people; stages change by block number. */
export const CompetitionState = openObject({
  current_round: Round.describe('number of the round'),
  stage: z.enum(STAGES).describe('where the round stands'),
  next_stage_eta: Time.nullable().describe('estimate for people, or null; stages change by block number'),
});
export type CompetitionState = z.infer<typeof CompetitionState>;
