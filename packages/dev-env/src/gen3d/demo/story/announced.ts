import { type Announcement, announcements } from '@tiltyard/schema/gen3d';
import type { NameBook } from './name-book.js';

/**
 * What a commit announces, in one line for people: announcements of one kind together, miners by name, bookkeeping left
 * out where something else is told.
 */
export function announcedInShort(lines: readonly string[], names: NameBook): string {
  const parts = new Map<string, string[]>();
  const add = (what: string, who?: string) => parts.set(what, [...(parts.get(what) ?? []), ...(who ? [who] : [])]);
  const read = lines.map((line) => [line, announcements.parse(line)] as const);
  const telling = read.filter(([, announcement]) => announcement === undefined || !isBookkeeping(announcement));
  for (const [line, announcement] of telling.length > 0 ? telling : read) {
    if (announcement === undefined) add(line);
    else {
      const [what, who] = tell(announcement, line);
      add(what, who === undefined ? undefined : names.inText(who));
    }
  }
  return [...parts].map(([what, who]) => (who.length === 0 ? what : `${what} ${who.join(', ')}`)).join('; ');
}

/** Files that only record what another announcement of the same commit is about. */
function isBookkeeping({ kind }: Announcement): boolean {
  return kind === 'matrix' || kind === 'pod_stats';
}

function tell(announcement: Announcement, line: string): readonly [what: string, who?: string] {
  switch (announcement.kind) {
    case 'submissions':
      return ['seed, prompts and submissions'];
    case 'submitted':
      return ['files of', announcement.miner];
    case 'generated':
      return ['made again by', announcement.miner];
    case 'pod_stats':
      return ['pods of', announcement.miner];
    case 'builds':
      return ['builds'];
    case 'generation_audits':
      return ['audit verdicts'];
    case 'audit_requests':
      return ['audit requests'];
    case 'matrix':
      return ['matrix'];
    case 'match_report':
      return ['match', `${announcement.left} v ${announcement.right}`];
    case 'winner':
      return ['winner', announcement.winner];
    case 'stage':
      return [`to ${announcement.stage}`];
    case 'state':
      return [`to ${announcement.stage}${announcement.leader ? ', new leader entry' : ''}`];
    default:
      return [line];
  }
}
