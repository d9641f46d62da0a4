import type { Competition } from '../competition.js';
import type { AnyLine } from './line-grammar.js';

/** A commit message, taken apart. */
export interface CommitMessage<Writer extends string = string, Line extends AnyLine = AnyLine> {
  /** Every line of the announcement part, with what it announces; undefined for a line outside the grammar. */
  readonly lines: readonly { readonly text: string; readonly announcement: Line | undefined }[];
  /** Who published it and with which version, as the trailers say; absent in the reference's commits. */
  readonly service?: Writer;
  readonly version?: string;
}

/**
 * Composes a commit message: announcement lines, sorted and unique, then the trailers.
 *
 * @see competition-state/FORMAT.md#commit-messages
 */
export function formatCommitMessage(
  announced: readonly string[],
  trailers: { readonly service: string; readonly version: string },
): string {
  const lines = [...new Set(announced)].sort();
  return `${lines.join('\n')}\n\nService: ${trailers.service}\nVersion: ${trailers.version}\n`;
}

/** Lines that stand under all others, after a blank line: `Service: …` and `Version: …`, each once. */
const TRAILER = /^(Service|Version): (.*)$/;

/**
 * Takes a commit message apart. Never fails: what is not in the grammar is a line without announcement, and so is what
 * looks like a trailer and is elsewhere, or there twice. No line is passed over.
 */
export function parseCommitMessage<Writer extends string, Line extends AnyLine>(
  message: string,
  competition: Pick<Competition<Writer, Line>, 'writers' | 'lines'>,
): CommitMessage<Writer, Line> {
  const all = message
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
  const trailersFrom = all.lastIndexOf('') + 1;
  const trailers = new Map<string, string>();
  const lines: string[] = [];
  for (const [at, text] of all.entries()) {
    const [, name, value = ''] = TRAILER.exec(text) ?? [];
    const isTrailer = trailersFrom > 0 && at >= trailersFrom && name !== undefined && !trailers.has(name);
    if (isTrailer) trailers.set(name, value);
    else if (text !== '') lines.push(text);
  }
  const service = competition.writers.find((name) => name === trailers.get('Service'));
  const version = trailers.get('Version');
  return {
    lines: lines.map((text) => ({ text, announcement: competition.lines.parse(text) })),
    ...(service === undefined ? {} : { service }),
    ...(version === undefined ? {} : { version }),
  };
}
