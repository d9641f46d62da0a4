import { parseCommitMessage } from '@tiltyard/schema';
import { type Announcement, announcements, gen3d, SERVICES, type ServiceName } from '@tiltyard/schema/gen3d';
import type { Era } from '../gen3d/legacy/other-format.js';
import { parseJoinedLine, parseOtherLine } from '../gen3d/legacy/other-lines.js';
import type { Dialect } from '../interfaces.js';
import type { MessageLine } from './message-line.js';

/** Who wrote a commit, as far as its message tells. */
export interface Authorship {
  readonly by: 'service' | 'person';
  /** The service as the trailer names it. */
  readonly trailer: ServiceName | undefined;
  /** Which services the lines fit; none when lines of two services stand together. */
  readonly candidates: readonly ServiceName[];
  readonly lines: readonly MessageLine[];
}

/** What is known beside a commit's message. */
export interface SeenFacts {
  /** Whether a commit before it had a trailer, or left what only ours writes. */
  readonly trailersSeen: boolean;
  /** Whether it writes audits as the later competition's judge does, whose verdicts they are. */
  readonly judgeAudits: boolean;
  /** Whether an era's time is over: from then on its lines are nobody's. */
  readonly isOver: (era: Era) => boolean;
}

/**
 * Judges who wrote a commit. In ours the trailer says it, once one was seen: a repository may have begun with the reference
 * implementation. Else a commit is a service's when a line of its message is one that only services write.
 *
 * @see docs/auditing.md#the-rules
 */
export function authorshipOf(message: string, dialect: Dialect, seen: SeenFacts): Authorship {
  const { trailersSeen, judgeAudits, isOver } = seen;
  const { lines: parsed, service: trailer } = parseCommitMessage(message, gen3d);
  const lines = dialect === 'ours' ? parsed : parsed.flatMap((line) => withOther(line, isOver));
  const owners = lines.flatMap(({ announcement, other }: MessageLine) =>
    announcement === undefined ? (other === undefined ? [] : [other.owners]) : [ownersOf(announcement, judgeAudits)],
  );
  const candidates = SERVICES.filter((service) => owners.every((of) => of.includes(service)));
  if (dialect === 'ours' && (trailer !== undefined || trailersSeen)) {
    const by = trailer === undefined || trailer === 'operator' ? 'person' : 'service';
    return { by, trailer, candidates, lines };
  }
  const isService = owners.some((of) => of.some((service) => service !== 'operator'));
  return { by: isService ? 'service' : 'person', trailer, candidates: owners.length > 0 ? candidates : [], lines };
}

function ownersOf(announcement: Announcement, judgeAudits: boolean): readonly ServiceName[] {
  const owners = announcements.owners(announcement);
  return judgeAudits && announcement.kind === 'generation_audits' ? [...owners, 'judge-service'] : owners;
}

/** A line with what another era had it announce, while it was that era's time. */
function withOther(line: MessageLine, isOver: SeenFacts['isOver']): readonly MessageLine[] {
  if (line.announcement !== undefined) return [line];
  const other = parseOtherLine(line.text);
  if (other !== undefined) return isOver(other.format.era) ? [line] : [{ ...line, other }];
  return isOver('splats') ? [line] : (parseJoinedLine(line.text) ?? [line]);
}

/** The services that may have written a commit: the one that its trailer names, else those that its lines fit. */
export function writersOf({ trailer, candidates }: Authorship): readonly ServiceName[] {
  return trailer === undefined ? candidates : [trailer];
}
