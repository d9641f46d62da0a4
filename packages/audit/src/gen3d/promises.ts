import { type Side, shortName } from '@tiltyard/schema';
import { type Announcement, announcements, type StateFileName } from '@tiltyard/schema/gen3d';
import type { CommitView } from '../replay/commit-view.js';

/** The later competition announces re-runs by the line of the file that they are kept beside. */
const RERUNS = 'script-repeats';

/** The files that a line promises at a commit; none where they are, in another era, kept in files beside the registry's. */
export function promisedBy(
  announcement: Announcement,
  at: Pick<CommitView, 'changes' | 'others'>,
): readonly StateFileName[] {
  return isKeptElsewhere(announcement, at) ? [] : promised(announcement);
}

/** Whether what a line promises is, in another era, kept in a file that the registry does not have. */
function isKeptElsewhere(
  announcement: Announcement,
  { changes, others }: Pick<CommitView, 'changes' | 'others'>,
): boolean {
  if (announcement.kind === 'generated') return others.some(({ format }) => format.id === RERUNS);
  if (announcement.kind !== 'match_report') return false;
  const { right } = announcement;
  return changes.some(
    ({ known: { name, params } }) =>
      name === 'chainReport' && params.side !== undefined && shortName(params.side as Side) === right,
  );
}

/** The files that a line promises. Others it merely accounts for, should they be there. */
function promised(announcement: Announcement): readonly StateFileName[] {
  const accounted: readonly StateFileName[] =
    announcement.kind === 'no_submissions'
      ? ['seed', 'prompts', 'promptImages', 'rules']
      : announcement.kind === 'start'
        ? ['promptPool', 'allowedSigners', 'leader', 'rules']
        : ['rules', 'promptImages'];
  return announcements.files(announcement).filter((name) => !accounted.includes(name));
}
