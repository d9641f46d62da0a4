import { z } from 'zod';
import { BlockNumber, Hotkey, HttpUrl } from '../names.js';
import { openObject } from '../open-object.js';
import { RepoCommit, RepoName } from './scalars.js';

/** What one miner revealed on chain: its code, and where its files lie. `round` is `NAME-N`. */
export const Submission = openObject({
  repo: RepoName,
  commit: RepoCommit,
  cdn_url: HttpUrl,
  revealed_at_block: BlockNumber,
  round: z.string().max(200),
});
export type Submission = z.infer<typeof Submission>;

/** submissions.json, in order of reveal. */
export const Submissions = z.record(Hotkey, Submission);
export type Submissions = Readonly<Record<Hotkey, Submission>>;
