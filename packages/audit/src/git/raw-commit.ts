/** A commit object, taken apart. */
export interface RawCommit {
  readonly parents: readonly string[];
  readonly author: string;
  /** When it was committed, in milliseconds; 0 where the object does not say. */
  readonly committedAtMs: number;
  readonly message: string;
  /** The armoured signature, and the bytes that it signs; undefined for an unsigned commit. */
  readonly signature: CommitSignature | undefined;
}

/** A signature as it stands in a commit, and the commit's bytes without it. */
export interface CommitSignature {
  readonly armoured: string;
  readonly payload: Buffer;
}

const SIGNATURE_HEADERS = ['gpgsig', 'gpgsig-sha256'];

/** Takes a commit object apart. Never fails: what is not there is empty. */
export function parseRawCommit(content: Buffer): RawCommit {
  // Bytes as characters, so that offsets and cuts are those of the object.
  const text = content.toString('latin1');
  const bodyAt = text.indexOf('\n\n');
  const head = bodyAt < 0 ? text : text.slice(0, bodyAt + 1);
  const headers = headersOf(head);
  const of = (name: string) => headers.filter((header) => header.name === name).map((header) => header.value);
  const armoured = of('gpgsig')[0];
  return {
    parents: of('parent'),
    author: utf8((of('author')[0] ?? '').replace(/ <[^<]*$/, '')),
    committedAtMs: Number(/> (-?\d{1,12}) [+-]\d{4}$/.exec(of('committer')[0] ?? '')?.[1] ?? 0) * 1000,
    message: bodyAt < 0 ? '' : utf8(text.slice(bodyAt + 2)),
    signature: armoured === undefined ? undefined : { armoured, payload: unsigned(text, headers) },
  };
}

interface Header {
  readonly name: string;
  readonly value: string;
  readonly from: number;
  readonly to: number;
}

/** Header lines with their continuation lines, which begin with a blank. */
function headersOf(head: string): readonly Header[] {
  const headers: Header[] = [];
  for (let at = 0; at < head.length; ) {
    let end = head.indexOf('\n', at);
    if (end < 0) end = head.length;
    while (head[end + 1] === ' ') {
      const next = head.indexOf('\n', end + 1);
      end = next < 0 ? head.length : next;
    }
    const line = head.slice(at, end);
    const blank = line.indexOf(' ');
    const name = blank < 0 ? line : line.slice(0, blank);
    headers.push({
      name,
      value: blank < 0 ? '' : line.slice(blank + 1).replaceAll('\n ', '\n'),
      from: at,
      to: end + 1,
    });
    at = end + 1;
  }
  return headers;
}

function unsigned(text: string, headers: readonly Header[]): Buffer {
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

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
