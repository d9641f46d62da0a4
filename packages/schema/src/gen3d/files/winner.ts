import { z } from 'zod';
import { Side } from '../../names.js';
import { openObject } from '../../open-object.js';
import { ImageRef, RepoCommit, RepoName } from '../../scalars.js';

/** winner.json: who won the round, `leader` when the leader defended. A file with `hotkey` instead is read too. */
export const Winner = z.preprocess(
  (value) => {
    if (typeof value !== 'object' || value === null || 'winner_hotkey' in value || !('hotkey' in value)) return value;
    const { hotkey, ...rest } = value;
    return { winner_hotkey: hotkey, ...rest };
  },
  openObject({
    winner_hotkey: Side.describe('who leads from here'),
    repo: RepoName.describe('source of its container'),
    commit: RepoCommit.describe('commit of the source'),
    docker_image: ImageRef.describe('container image'),
  })
    // Readers that look at the one name and readers that look at the other would pay different miners.
    .refine((winner) => !('hotkey' in winner), 'names the winner twice, as winner_hotkey and as hotkey'),
) as unknown as z.ZodType<Winner>;
export interface Winner {
  readonly winner_hotkey: Side;
  readonly repo: string;
  readonly commit: string;
  readonly docker_image: string;
}
