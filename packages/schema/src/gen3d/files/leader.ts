import { z } from 'zod';
import { BlockNumber, Hotkey } from '../../names.js';
import { openObject } from '../../open-object.js';
import { ImageRef, RepoCommit, RepoName } from '../../scalars.js';

/** Who leads from a block on, and with what share of the subnet's incentive. */
export const LeaderEntry = openObject({
  hotkey: Hotkey.describe('who leads'),
  repo: RepoName.describe('source of the container, owner/name on GitHub'),
  commit: RepoCommit.describe('commit of the source'),
  docker: ImageRef.describe('container image'),
  weight: z.number().min(0).max(1).describe("share of the subnet's incentive; the rest is burnt"),
  effective_block: BlockNumber.describe('leads from this block on'),
});
export type LeaderEntry = z.infer<typeof LeaderEntry>;

/** leader.json: who has led, oldest first. An object with `transitions`, once shown in the reference's README, is read too. */
export const LeaderHistory = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null && 'transitions' in value && Array.isArray(value.transitions)
      ? value.transitions
      : value,
  z.array(LeaderEntry).max(100_000),
) as unknown as z.ZodType<readonly LeaderEntry[]>;
export type LeaderHistory = readonly LeaderEntry[];
