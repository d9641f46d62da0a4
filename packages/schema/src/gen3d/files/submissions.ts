import { z } from 'zod';
import { BlockNumber, Hotkey, HttpUrl } from '../../names.js';
import { openObject } from '../../open-object.js';
import { RepoCommit, RepoName } from '../../scalars.js';

/** What one miner revealed on chain: its code, and where its files lie. `round` is `NAME-N`. */
export const Submission = openObject({
  repo: RepoName.describe('source of the container, owner/name on GitHub'),
  commit: RepoCommit.describe('commit of the source'),
  cdn_url: HttpUrl.describe('where the files lie: {cdn_url}/{stem}.glb'),
  revealed_at_block: BlockNumber.describe('block of the latest reveal of the commit'),
  round: z.string().max(200).describe("the slug of the competition's name and the round's number, NAME-N"),
});
export type Submission = z.infer<typeof Submission>;

/** submissions.json, in order of reveal. */
export const Submissions = z.record(Hotkey, Submission);
export type Submissions = Readonly<Record<Hotkey, Submission>>;
