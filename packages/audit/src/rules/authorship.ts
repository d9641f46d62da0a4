import { shortName } from '@tiltyard/schema';
import {
  type Announcement,
  announcements,
  isAnnouncedBy,
  type ServiceName,
  type StateFileName,
  stageHeld,
  stateOwners,
} from '@tiltyard/schema/gen3d';
import { isRegistered } from '../gen3d/legacy/era-files.js';
import { isAnnouncedByOther } from '../gen3d/legacy/other-lines.js';
import { amendmentsBefore, type CommitView, type FileChange, isRunning, stateBefore } from '../replay/commit-view.js';
import type { MessageLine } from '../replay/message-line.js';
import { ServiceIdentities } from '../replay/service-identities.js';
import type { Tree } from '../replay/tree.js';
import type { Rule } from './rule.js';

/** A hotkey in a path, which its first ten characters tell. */
const HOTKEY_FOLDER = /\/([1-9A-HJ-NP-Za-km-z]{10})[1-9A-HJ-NP-Za-km-z]{36,38}\//;
/** The later competition announces re-runs by the line of the file that they are kept beside. */
const RERUNS = 'script-repeats';

/** Lines of a message times files. A service's greatest commits have some hundred of each. */
const MOST_PAIRS = 4_000_000;

/** Whose commits services' were so far in a replay; kept as long as the replay is. */
const IDENTITIES = new WeakMap<Tree, ServiceIdentities>();

function identitiesOf({ tree }: CommitView): ServiceIdentities {
  const known = IDENTITIES.get(tree) ?? new ServiceIdentities();
  IDENTITIES.set(tree, known);
  return known;
}

/** Who writes what, and whether messages account for it. */
export const AUTHORSHIP_RULES: readonly Rule[] = [
  {
    id: 'W1',
    severity: 'warn',
    check(at, tell) {
      const odd = at.dialect === 'reference' ? identitiesOf(at).take(at) : undefined;
      if (!at.started) return;
      tell.looked();
      if (odd !== undefined) tell.fault({ detail: odd });
      if (at.author.by !== 'person' || at.changes.length === 0) return;
      const paths = at.changes.map(({ path }) => path.replace(HOTKEY_FOLDER, '/$1…/'));
      const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
      const subject = at.author.lines[0]?.text.slice(0, 100) ?? '';
      tell.fault({ detail: `a person wrote ${paths.slice(0, 3).join(', ')}${more}: "${subject}"` });
    },
  },
  {
    id: 'W2',
    severity: 'error',
    check({ author }, tell) {
      if (author.by !== 'service' && author.trailer === undefined) return;
      for (const { text, announcement, other } of author.lines) {
        tell.looked();
        if (announcement === undefined && other === undefined)
          tell.fault({ detail: `"${text.slice(0, 200)}" is no line of the grammar` });
      }
    },
  },
  {
    id: 'W3',
    severity: 'error',
    check({ author }, tell) {
      const read = author.lines.filter(({ announcement }) => announcement !== undefined);
      if ((author.by !== 'service' && author.trailer === undefined) || read.length === 0) return;
      tell.looked();
      const { candidates, trailer } = author;
      if (candidates.length === 0) tell.fault({ detail: `lines of different services: ${texts(read)}` });
      else if (trailer !== undefined && !candidates.includes(trailer)) {
        tell.fault({ detail: `${trailer} signs with lines of ${candidates.join(' or ')}: ${texts(read)}` });
      }
    },
  },
  {
    id: 'W4',
    severity: 'error',
    check(at, tell) {
      if (at.author.by !== 'service' && at.author.trailer === undefined) return;
      if (isEndless(at)) {
        tell.fault({ detail: `${at.author.lines.length} lines are not held against ${at.changes.length} files` });
        return;
      }
      for (const { path, known } of at.changes) {
        tell.looked();
        if (!at.author.lines.some((line) => announces(line, known)))
          tell.fault({ path, detail: 'changed, and no line of the message says so' });
      }
    },
  },
  {
    id: 'W5',
    severity: 'info',
    check(at, tell) {
      if ((at.author.by !== 'service' && at.author.trailer === undefined) || isEndless(at)) return;
      for (const { text, announcement } of at.author.lines) {
        if (announcement === undefined) continue;
        tell.looked();
        const missing = promised(announcement).filter(
          (name) =>
            !at.changes.some(
              ({ known }) => isRegistered(known) && known.name === name && isAnnouncedBy(announcement, known),
            ),
        );
        if (isKeptElsewhere(announcement, at)) continue;
        if (missing.length > 0) tell.fault({ detail: `"${text}", and ${missing.join(', ')} did not change` });
      }
    },
  },
  {
    id: 'O1',
    severity: 'error',
    only: 'ours',
    check(at, tell) {
      if (!isRunning(at) || (at.author.trailer === undefined && at.author.by === 'service')) return;
      for (const change of at.changes) {
        tell.looked();
        const owners = ownersOf(at, change);
        const writer: ServiceName = at.author.trailer ?? 'operator';
        if (owners.includes(writer)) continue;
        const who = at.author.trailer ?? 'a person';
        tell.fault({ path: change.path, detail: `written by ${who}; it is for ${owners.join(', ') || 'nobody'}` });
      }
    },
  },
];

/** Whether a commit has far more lines and files than a service's ever has, too many to hold each against each. */
function isEndless({ author, changes }: CommitView): boolean {
  return author.lines.length * changes.length > MOST_PAIRS;
}

/** The services that may write a file at a commit. */
export function ownersOf(at: CommitView, { known }: FileChange): readonly ServiceName[] {
  const state = stateBefore(at);
  if (known.name !== 'state' || state === undefined) return known.file.writers;
  return stateOwners(state.stage, stageHeld(amendmentsBefore(at, state.current_round)));
}

/** Whether what a line promises is, in another era, kept in a file that the registry does not have. */
function isKeptElsewhere(announcement: Announcement, { changes, others }: CommitView): boolean {
  if (announcement.kind === 'generated') return others.some(({ format }) => format.id === RERUNS);
  if (announcement.kind !== 'match_report') return false;
  const { right } = announcement;
  return changes.some(
    ({ known: { name, params } }) =>
      name === 'chainReport' && params.side !== undefined && shortName(params.side) === right,
  );
}

/** Whether a line accounts for a changed file. Those that the registry does not have are for lines outside its grammar. */
function announces({ announcement, other }: MessageLine, known: FileChange['known']): boolean {
  // Other eras' files had lines of their own, not all of which are known.
  if (!isRegistered(known)) return announcement !== undefined || other !== undefined;
  if (announcement !== undefined) return isAnnouncedBy(announcement, known);
  return other !== undefined && isAnnouncedByOther(other, { name: known.name, round: known.params.round });
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

function texts(lines: readonly { readonly text: string }[]): string {
  const shown = lines.slice(0, 3).map(({ text }) => `"${text}"`);
  return `${shown.join(', ')}${lines.length > 3 ? ` and ${lines.length - 3} more` : ''}`;
}
