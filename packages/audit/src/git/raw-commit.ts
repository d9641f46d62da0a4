import { type CommitHeader, type CommitSignature, commitHeaders, commitSignature } from '@tiltyard/ledger';

/** A commit object, taken apart. */
export interface RawCommit {
  /** Its tree; undefined where the object does not begin with one. */
  readonly tree: string | undefined;
  /** As git takes them: the lines that stand right behind the tree's. */
  readonly parents: readonly string[];
  readonly author: string;
  /** When it was committed, in milliseconds; 0 where the object does not say. */
  readonly committedAtMs: number;
  readonly message: string;
  /** The armoured signature, and the bytes that it signs; undefined for an unsigned commit. */
  readonly signature: CommitSignature | undefined;
  /** What git would not have written, or what is more than is read; empty for a sound commit. */
  readonly faults: readonly string[];
}

/**
 * Takes a commit object apart. Never fails: what is not there is empty.
 *
 * @param cutFromBytes - The size of the object, where `content` is only its beginning.
 */
export function parseRawCommit(content: Buffer, cutFromBytes?: number): RawCommit {
  const text = content.toString('latin1');
  const bodyAt = text.indexOf('\n\n');
  const headers = commitHeaders(text);
  const of = (name: string) => headers.find((header) => header.name === name)?.value;
  const parents = parentsOf(headers);
  const { message, faults } = messageOf(bodyAt < 0 ? '' : text.slice(bodyAt + 2));
  const tree = headers[0]?.name === 'tree' && ID.test(headers[0].value) ? headers[0].value : undefined;
  const isPointing = ({ name }: CommitHeader) => name === 'tree' || name === 'parent';
  const strayAt = headers.slice(1 + parents.length).find(isPointing);
  return {
    tree,
    parents,
    author: utf8((of('author') ?? '').replace(/ <[^<]*$/, '')),
    committedAtMs: Number(/> (-?\d{1,12}) [+-]\d{4}$/.exec(of('committer') ?? '')?.[1] ?? 0) * 1000,
    message,
    // What signs the whole proves nothing of its beginning.
    signature: cutFromBytes === undefined ? commitSignature(content) : undefined,
    faults: [
      ...(tree === undefined ? ['the commit does not begin with its tree'] : []),
      // Other readers than git may follow it.
      ...(strayAt === undefined ? [] : [`the commit names a ${strayAt.name} where git looks for none`]),
      ...(cutFromBytes === undefined ? [] : [`of the commit's ${cutFromBytes} bytes only ${content.length} are read`]),
      ...faults,
    ],
  };
}

const ID = /^[0-9a-f]{40}$/;
/** The most lines of a message that are read. Services announce each file that they write. */
const MAX_LINES = 20_000;

function parentsOf([, ...behind]: readonly CommitHeader[]): readonly string[] {
  const end = behind.findIndex(({ name }) => name !== 'parent');
  return behind.slice(0, end < 0 ? behind.length : end).map(({ value }) => value);
}

function messageOf(text: string): Pick<RawCommit, 'message' | 'faults'> {
  let end = -1;
  for (let line = 0; line < MAX_LINES; line += 1) {
    end = text.indexOf('\n', end + 1);
    if (end < 0) return { message: utf8(text), faults: [] };
  }
  if (end === text.length - 1) return { message: utf8(text), faults: [] };
  return { message: utf8(text.slice(0, end + 1)), faults: [`of the message only ${MAX_LINES} lines are read`] };
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
