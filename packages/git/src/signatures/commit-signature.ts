import { GIT_LIMITS } from '../git-limits.js';

/** A commit's signature, and the commit's bytes without it. */
export interface CommitSignature {
  readonly armoured: string;
  readonly payload: Buffer;
}

/** One header of a commit object, with its continuation lines. */
export interface CommitHeader {
  readonly name: string;
  readonly value: string;
  /** Where it begins, and where the next one does, in characters of the object read as latin1. */
  readonly from: number;
  readonly to: number;
}

const SIGNATURE_HEADERS = ['gpgsig', 'gpgsig-sha256'];

/**
 * The signature of a commit object, and the bytes that it signs; undefined for an unsigned commit.
 *
 * @param text - The object, read as latin1: offsets and cuts are those of its bytes.
 */
export function commitSignature(text: string, headers: readonly CommitHeader[]): CommitSignature | undefined {
  const armoured = headers.find((header) => header.name === 'gpgsig')?.value;
  return armoured === undefined ? undefined : { armoured, payload: unsigned(text, headers) };
}

/**
 * A commit object's headers, in order; of too many the first, and one that is more than are read.
 *
 * @param text - The object, read as latin1.
 */
export function commitHeaders(text: string): readonly CommitHeader[] {
  const bodyAt = text.indexOf('\n\n');
  const head = bodyAt < 0 ? text : text.slice(0, bodyAt + 1);
  const headers: CommitHeader[] = [];
  for (let at = 0; at < head.length && headers.length <= GIT_LIMITS.headers; ) {
    let end = head.indexOf('\n', at);
    if (end < 0) end = head.length;
    // Continuation lines begin with a blank.
    while (head[end + 1] === ' ') {
      const next = head.indexOf('\n', end + 1);
      end = next < 0 ? head.length : next;
    }
    const line = head.slice(at, end);
    const blank = line.indexOf(' ');
    const name = blank < 0 ? line : line.slice(0, blank);
    const value = blank < 0 ? '' : line.slice(blank + 1).replaceAll('\n ', '\n');
    headers.push({ name, value, from: at, to: end + 1 });
    at = end + 1;
  }
  return headers;
}

function unsigned(text: string, headers: readonly CommitHeader[]): Buffer {
  const parts: string[] = [];
  let from = 0;
  for (const header of headers) {
    if (!SIGNATURE_HEADERS.includes(header.name)) continue;
    parts.push(text.slice(from, header.from));
    from = header.to;
  }
  parts.push(text.slice(from));
  return Buffer.from(parts.join(''), 'latin1');
}
