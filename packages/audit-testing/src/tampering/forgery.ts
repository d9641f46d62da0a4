import type { ValueOf } from '@tiltyard/schema';
import {
  type Announcement,
  announceChanges,
  announcements,
  type ServiceName,
  type StateFileName,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import { appendCommit } from '../synthetic/fast-import.js';
import type { FoundFile, Tip } from './tip.js';

/** What a forged commit holds. */
export interface Forgery {
  /** In whose name. */
  readonly service: ServiceName;
  readonly lines: readonly string[];
  /** Path → text; null deletes. */
  readonly files: ReadonlyMap<string, string | null>;
  readonly merged?: readonly string[];
}

type Files = typeof stateFiles;

/** How a forgery is announced where no line comes from the change itself. */
export interface ForgedAs {
  readonly service?: ServiceName;
  readonly announcement?: Announcement;
}

/** A file with another content, in the name of who may write it, with the line that a service would write. */
export function rewrite<Name extends StateFileName>(
  name: Name,
  { path, params, value: before }: FoundFile<Name>,
  after: ValueOf<Files[Name]>,
  { service = stateFiles[name].writers[0] ?? 'operator', announcement }: ForgedAs = {},
): Forgery {
  const lines =
    announcement === undefined
      ? announceChanges([{ name, params, before, after }], service)
      : [announcements.format(announcement)];
  return { service, lines, files: new Map([[path, stateFiles[name].codec.format(after as never)]]) };
}

/** Puts a forgery on top of a repository's tip, a minute later than that. @returns the commit. */
export async function commitForgery(tip: Tip, { service, lines, files, merged = [] }: Forgery): Promise<string> {
  const signedOff = await tip.signOff(service, lines);
  const at = new Date(tip.at.getTime() + 60_000);
  return await appendCommit(tip.dir, tip.branch, { ...signedOff, at, files, merged });
}
