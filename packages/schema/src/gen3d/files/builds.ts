import { z } from 'zod';
import { BlockNumber, Hotkey } from '../../names.js';
import { openObject } from '../../open-object.js';
import { ImageRef, RepoCommit, RepoName } from '../../scalars.js';

/** Where a build stands; all but the first two are settled. */
export const BUILD_STATUSES = ['pending', 'in_progress', 'success', 'failure', 'timed_out', 'not_found'] as const;
export const BuildStatus = z.enum(BUILD_STATUSES);
export type BuildStatus = z.infer<typeof BuildStatus>;

/** True when a build's status never changes again, amendments aside. */
export function isSettledBuild(status: BuildStatus): boolean {
  return status !== 'pending' && status !== 'in_progress';
}

/** The build of one submission's container image. `amendment` is the retry_build amendment that it was retried under. */
export const Build = openObject({
  repo: RepoName.describe('as submitted'),
  commit: RepoCommit.describe('as submitted'),
  revealed_at_block: BlockNumber.describe('as submitted'),
  tag: z.string().max(200).describe("image tag: the commit's first 7 digits, competition and round"),
  status: BuildStatus.describe('where the build stands; all but pending and in_progress are settled'),
  docker_image: ImageRef.nullable().describe('the image, lower case, exactly on success; else null'),
  amendment: z.int().min(1).describe('the retry_build amendment that it was retried under').optional(),
});
export type Build = z.infer<typeof Build>;

/** builds.json. */
export const Builds = z.record(Hotkey, Build);
export type Builds = Readonly<Record<Hotkey, Build>>;
