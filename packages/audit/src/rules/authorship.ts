import { OPERATOR } from '@tiltyard/schema';
import type { CommitView } from '../replay/commit-view.js';
import type { FileChange } from '../replay/file-change.js';
import type { MessageLine, OtherLine } from '../replay/message-line.js';
import type { Rule } from './rule.js';

/** A hotkey in a path, which its first ten characters tell. */
const HOTKEY_FOLDER = /\/([1-9A-HJ-NP-Za-km-z]{10})[1-9A-HJ-NP-Za-km-z]{36,38}\//;
/** Lines of a message times files. A service's greatest commits have some hundred of each. */
const MOST_PAIRS = 4_000_000;

/** Who writes what, and whether messages account for it. */
export const AUTHORSHIP_RULES: readonly Rule[] = [
  {
    id: 'W1',
    severity: 'warn',
    check(at, tell) {
      const odd = at.legacy?.oddAuthor(at);
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
        if (!at.author.lines.some((line) => announces(at, line, known)))
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
        const { competition } = at;
        const missing = competition
          .promises(announcement, at)
          .filter(
            (name) =>
              !at.changes.some(({ known }) => known.name === name && competition.lines.covers(announcement, known)),
          );
        if (missing.length > 0) tell.fault({ detail: `"${text}", and ${missing.join(', ')} did not change` });
      }
    },
  },
  {
    id: 'O1',
    severity: 'error',
    only: 'ours',
    check(at, tell) {
      if (!at.isRunning || (at.author.trailer === undefined && at.author.by === 'service')) return;
      for (const change of at.changes) {
        tell.looked();
        const owners = at.standing.owners(change.known);
        const writer = at.author.trailer ?? OPERATOR;
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

/** Whether a line accounts for a changed file. Those that the table does not have are for lines outside its grammar. */
function announces(
  { competition }: CommitView,
  { announcement, other }: MessageLine,
  known: FileChange['known'],
): boolean {
  // Other eras' files had lines of their own, not all of which are known.
  if (!Object.hasOwn(competition.files, known.name)) return announcement !== undefined || other !== undefined;
  if (announcement !== undefined) return competition.lines.covers(announcement, known);
  return other !== undefined && isAnnouncedByOther(other, known);
}

/** Whether a line of another era announces a state file. */
function isAnnouncedByOther({ files, round }: OtherLine, { name, params }: FileChange['known']): boolean {
  if (!files.includes(name)) return false;
  return round === undefined || params.round === undefined || round === params.round;
}

function texts(lines: readonly { readonly text: string }[]): string {
  const shown = lines.slice(0, 3).map(({ text }) => `"${text}"`);
  return `${shown.join(', ')}${lines.length > 3 ? ` and ${lines.length - 3} more` : ''}`;
}
