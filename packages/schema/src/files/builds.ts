import { z } from 'zod';
import { BlockNumber, Hotkey } from '../names.js';
import { openObject } from '../open-object.js';
import { ImageRef, RepoCommit, RepoName } from './scalars.js';

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
  repo: RepoName,
  commit: RepoCommit,
  revealed_at_block: BlockNumber,
  tag: z.string().max(200),
  status: BuildStatus,
  docker_image: ImageRef.nullable(),
  amendment: z.int().min(1).optional(),
});
export type Build = z.infer<typeof Build>;

/** builds.json. */
export const Builds = z.record(Hotkey, Build);
export type Builds = Readonly<Record<Hotkey, Build>>;
