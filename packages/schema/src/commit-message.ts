import { type Announcement, parseAnnouncement } from './announcements.js';
import { ServiceName } from './names.js';

/** A commit message, taken apart. */
export interface CommitMessage {
  /** Every line of the announcement part, with what it announces; undefined for a line outside the grammar. */
  readonly lines: readonly { readonly text: string; readonly announcement: Announcement | undefined }[];
  /** Who published it and with which version, as the trailers say; absent in the reference's commits. */
  readonly service?: ServiceName;
  readonly version?: string;
}

/**
 * Composes a commit message: announcement lines, sorted and unique, then the trailers.
 *
 * @see competition.md, section 2
 */
export function formatCommitMessage(
  announced: readonly string[],
  trailers: { readonly service: ServiceName; readonly version: string },
): string {
  const lines = [...new Set(announced)].sort();
  return `${lines.join('\n')}\n\nService: ${trailers.service}\nVersion: ${trailers.version}\n`;
}

/** Takes a commit message apart. Never fails: what is not in the grammar is a line without announcement. */
export function parseCommitMessage(message: string): CommitMessage {
  const all = message.split('\n').map((line) => line.trimEnd());
  const service = ServiceName.safeParse(trailer(all, 'Service'));
  const version = trailer(all, 'Version');
  const lines = all
    .filter((line) => line !== '' && !/^(Service|Version): /.test(line))
    .map((text) => ({ text, announcement: parseAnnouncement(text) }));
  return {
    lines,
    ...(service.success ? { service: service.data } : {}),
    ...(version === undefined ? {} : { version }),
  };
}

function trailer(lines: readonly string[], name: string): string | undefined {
  return lines.findLast((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
}
