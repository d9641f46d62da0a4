import { type CommitSignature, commitSignature } from '../signatures/commit-signature.js';
import type { ObjectId } from './object-format.js';

/** Who wrote a commit. One identity per service, so that an auditor can tell whose a commit is. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** What the ledger reads of a commit. */
export interface Commit {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Identity;
  /** The committer's date: when the commit was made. */
  readonly committedAt: Date;
  readonly message: string;
  readonly signature: CommitSignature | undefined;
}

/** What a new commit holds. */
export interface CommitContent {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Identity;
  readonly at: Date;
  readonly message: string;
}

/**
 * Reads a commit object's content. One without a date that can be read counts as of 1970, as git takes it: a commit in the
 * middle of the history cannot be mended by one on top.
 *
 * @throws RangeError when it names no tree.
 */
export function parseCommit(content: Buffer): Commit {
  const text = content.toString('utf8');
  const split = text.indexOf('\n\n');
  const header = (split < 0 ? text : text.slice(0, split)).split('\n');
  const tree = header[0]?.match(/^tree ([0-9a-f]{40})$/)?.[1];
  const author = header.find((line) => line.startsWith('author '))?.match(/^author (.*) <(.*)> -?\d+ [+-]\d{4}$/);
  const seconds = header.find((line) => line.startsWith('committer '))?.match(/ (-?\d+) [+-]\d{4}$/)?.[1];
  if (tree === undefined) throw new RangeError('a commit object lacks its tree');
  return {
    tree,
    parents: header.flatMap((line) => line.match(/^parent ([0-9a-f]{40})$/)?.[1] ?? []),
    author: { name: author?.[1] ?? '', email: author?.[2] ?? '' },
    committedAt: new Date(Number(seconds ?? 0) * 1000),
    message: split < 0 ? '' : text.slice(split + 2),
    signature: commitSignature(content),
  };
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
