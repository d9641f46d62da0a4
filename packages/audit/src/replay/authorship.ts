import { type AnyLine, type Competition, OPERATOR, parseCommitMessage } from '@tiltyard/schema';
import type { FileChange } from './file-change.js';
import type { MessageLine } from './message-line.js';

/** Who wrote a commit, as far as its message tells. */
export interface Authorship {
  readonly by: 'service' | 'person';
  /** The service as the trailer names it. */
  readonly trailer: string | undefined;
  /** Which services the lines fit; none when lines of two services stand together. */
  readonly candidates: readonly string[];
  readonly lines: readonly MessageLine[];
}

/** How other eras' lines are read. */
export interface OtherLines {
  /** A line of a message, as the eras that may have written it read it. */
  lines(line: MessageLine): readonly MessageLine[];
  /** Who else may have written a line of the grammar in a commit with these changes. */
  alsoOwners(changes: readonly FileChange[]): (line: AnyLine) => readonly string[];
}

/** What is known beside a commit's message. */
export interface SeenFacts {
  readonly competition: Pick<Competition, 'writers' | 'lines'>;
  readonly legacy: OtherLines | undefined;
  readonly changes: readonly FileChange[];
  /** Whether a commit before it had a trailer, or left what only ours writes. */
  readonly trailersSeen: boolean;
}

/**
 * Judges who wrote a commit. In ours the trailer says it, once one was seen: a repository may have begun with the reference
 * implementation. Else a commit is a service's when a line of its message is one that only services write.
 *
 * @see docs/auditing.md#the-rules
 */
export function authorshipOf(message: string, { competition, legacy, changes, trailersSeen }: SeenFacts): Authorship {
  const { lines: parsed, service: trailer } = parseCommitMessage(message, competition);
  const lines = legacy === undefined ? parsed : parsed.flatMap((line) => legacy.lines(line));
  const alsoOwners = legacy?.alsoOwners(changes);
  const owners = lines.flatMap(({ announcement, other }: MessageLine) => {
    if (announcement === undefined) return other === undefined ? [] : [other.owners];
    return [[...competition.lines.owners(announcement), ...(alsoOwners?.(announcement) ?? [])]];
  });
  const candidates = competition.writers.filter((service) => owners.every((of) => of.includes(service)));
  if (legacy === undefined && (trailer !== undefined || trailersSeen)) {
    const by = trailer === undefined || trailer === OPERATOR ? 'person' : 'service';
    return { by, trailer, candidates, lines };
  }
  const isService = owners.some((of) => of.some((service) => service !== OPERATOR));
  return { by: isService ? 'service' : 'person', trailer, candidates: owners.length > 0 ? candidates : [], lines };
}

/** The services that may have written a commit: the one that its trailer names, else those that its lines fit. */
export function writersOf({ trailer, candidates }: Authorship): readonly string[] {
  return trailer === undefined ? candidates : [trailer];
}
