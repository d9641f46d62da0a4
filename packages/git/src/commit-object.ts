import { GIT_LIMITS } from './git-limits.js';
import type { ObjectId } from './object-format.js';
import {
  type CommitHeader,
  type CommitSignature,
  commitHeaders,
  commitSignature,
} from './signatures/commit-signature.js';

/** Who wrote a commit. One identity per service, so that an auditor can tell whose a commit is. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** A commit object, taken apart. */
export interface RawCommit {
  /** Its tree; undefined where the object does not begin with one. */
  readonly tree: ObjectId | undefined;
  /** As git takes them: the lines that stand right behind the tree's. */
  readonly parents: readonly ObjectId[];
  readonly author: Identity;
  /** The committer's date: when the commit was made. 1970 where the object does not say, as git takes it. */
  readonly committedAt: Date;
  readonly message: string;
  /** The armoured signature, and the bytes that it signs; undefined for an unsigned commit. */
  readonly signature: CommitSignature | undefined;
  /** What git would not have written, or what is more than is read; empty for a sound commit. */
  readonly faults: readonly string[];
}

/** A sound commit. */
export interface Commit extends Omit<RawCommit, 'tree' | 'faults'> {
  readonly tree: ObjectId;
}

/** What a new commit holds. */
export interface CommitContent {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Identity;
  readonly at: Date;
  readonly message: string;
}

const ID = /^[0-9a-f]{40}$/;

/**
 * Takes a commit object apart, in time linear in its size. Never fails: what is not there is empty, and what is past a
 * limit is a fault.
 *
 * @param cutFromBytes - The size of the object, where `content` is only its beginning.
 */
export function readCommitObject(content: Buffer, cutFromBytes?: number): RawCommit {
  const text = content.toString('latin1');
  const bodyAt = text.indexOf('\n\n');
  const all = commitHeaders(text);
  const headers = all.slice(0, GIT_LIMITS.headers);
  const of = (name: string) => headers.find((header) => header.name === name)?.value.slice(0, GIT_LIMITS.identityBytes);
  const parents = parentsOf(headers);
  const { message, faults } = messageOf(bodyAt < 0 ? '' : text.slice(bodyAt + 2));
  const tree = headers[0]?.name === 'tree' && ID.test(headers[0].value) ? headers[0].value : undefined;
  const isPointing = ({ name }: CommitHeader) => name === 'tree' || name === 'parent';
  const strayAt = headers.slice(1 + parents.length).find(isPointing);
  return {
    tree,
    parents,
    author: identityOf(of('author') ?? ''),
    committedAt: new Date(Number(/> (-?\d{1,12}) [+-]\d{4}$/.exec(of('committer') ?? '')?.[1] ?? 0) * 1000),
    message,
    // What signs the whole proves nothing of its beginning.
    signature: cutFromBytes === undefined ? commitSignature(text, all) : undefined,
    faults: [
      ...(tree === undefined ? ['the commit does not begin with its tree'] : []),
      // Other readers than git may follow it.
      ...(strayAt === undefined ? [] : [`the commit names a ${strayAt.name} where git looks for none`]),
      ...(cutFromBytes === undefined ? [] : [`of the commit's ${cutFromBytes} bytes only ${content.length} are read`]),
      ...(all.length > headers.length ? [`of the commit's headers only ${headers.length} are read`] : []),
      ...excessive(headers),
      ...faults,
    ],
  };
}

/**
 * Reads a complete commit.
 *
 * @throws RangeError when it names no tree, is past a limit, or can be read in another way than git's.
 */
export function parseCommit(content: Buffer): Commit {
  const { tree, faults, ...commit } = readCommitObject(content);
  const [fault] = faults;
  if (tree === undefined || fault !== undefined) throw new RangeError(fault);
  return { tree, ...commit };
}

/** A fault for the first header that is longer than is read. */
function excessive(headers: readonly CommitHeader[]): readonly string[] {
  for (const { name, from, to } of headers) {
    const isIdentity = name === 'author' || name === 'committer';
    const limit = isIdentity ? GIT_LIMITS.identityBytes : GIT_LIMITS.headerBytes;
    if (to - from > limit) {
      return [
        `the commit's header ${JSON.stringify(name.slice(0, 20))} has ${to - from} bytes, at most ${limit} are read`,
      ];
    }
  }
  return [];
}

/** `NAME <EMAIL> SECONDS ZONE`, from the last angle bracket on, as git takes it. */
function identityOf(line: string): Identity {
  const open = line.lastIndexOf(' <');
  if (open < 0) return { name: utf8(line), email: '' };
  const close = line.indexOf('>', open);
  return { name: utf8(line.slice(0, open)), email: utf8(close < 0 ? '' : line.slice(open + 2, close)) };
}

function parentsOf([, ...behind]: readonly CommitHeader[]): readonly ObjectId[] {
  const end = behind.findIndex(({ name }) => name !== 'parent');
  return behind.slice(0, end < 0 ? behind.length : end).map(({ value }) => value);
}

function messageOf(text: string): Pick<RawCommit, 'message' | 'faults'> {
  let end = -1;
  for (let line = 0; line < GIT_LIMITS.messageLines; line += 1) {
    end = text.indexOf('\n', end + 1);
    if (end < 0) return { message: utf8(text), faults: [] };
  }
  if (end === text.length - 1) return { message: utf8(text), faults: [] };
  const fault = `of the message only ${GIT_LIMITS.messageLines} lines are read`;
  return { message: utf8(text.slice(0, end + 1)), faults: [fault] };
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * Writes a commit object's content.
 *
 * @param signature - An armoured signature over the content without it, set in as the header `gpgsig`.
 */
export function formatCommit(commit: CommitContent, signature?: string): Buffer {
  const seconds = Math.floor(commit.at.getTime() / 1000);
  const who = `${commit.author.name} <${commit.author.email}> ${seconds} +0000`;
  const header = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
    // A header's further lines are indented by one blank.
    ...(signature === undefined ? [] : [`gpgsig ${signature.trimEnd().replaceAll('\n', '\n ')}`]),
  ];
  return Buffer.from(`${header.join('\n')}\n\n${commit.message}`, 'utf8');
}
