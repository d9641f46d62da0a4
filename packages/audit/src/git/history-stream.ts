import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommitId } from '@tiltyard/schema';
import { AuditError } from '../audit-error.js';
import { type AuditedPath, auditedPath } from '../formats/era-files.js';
import { type OtherFileCount, OtherFileCounter } from '../formats/other-file-count.js';
import type { Dialect } from '../interfaces.js';
import { startGit } from './git-process.js';
import { type ObjectAnswer, ObjectStream } from './object-stream.js';
import { parseRawCommit, type RawCommit } from './raw-commit.js';

/** One state file that a commit added, changed or deleted. */
export interface RawChange {
  readonly path: string;
  readonly known: AuditedPath;
  /** The blob before and after; null where there is none. */
  readonly oldBlob: string | null;
  readonly newBlob: string | null;
  /** False for a symbolic link or a submodule: such a thing is no state file. */
  readonly isFile: boolean;
}

/** A commit as the replay takes it. */
export interface HistoryCommit extends RawCommit {
  readonly id: CommitId;
  readonly changes: readonly (RawChange & { readonly content: ObjectAnswer | undefined })[];
  /** Data files that it touched and that the registry does not know, by kind and round. */
  readonly others: readonly OtherFileCount[];
}

/** How many objects git is asked for ahead of the reader. */
const LOOKAHEAD_OBJECTS = 512;
const COMMIT_ID = /^[0-9a-f]{40}$/;
const NO_BLOB = /^0+$/;

interface ListedCommit {
  readonly id: CommitId;
  readonly changes: readonly RawChange[];
  readonly others: readonly OtherFileCount[];
}

/**
 * Reads a history from its first commit to a tip, along first parents, with the content of every state file that a commit
 * adds or changes.
 *
 * Three processes work side by side: `git rev-list` lists the commits, `git diff-tree` what each changed, `git cat-file`
 * gives commits and blobs. Plumbing, because it heeds none of the repository's own settings. A merge is compared with its
 * first parent, so that what is read is one line of trees.
 *
 * @param limitBytes - Larger objects are not read.
 * @throws AuditError `git`, `corrupt`.
 */
export async function* readHistory(
  dir: string,
  tip: string,
  dialect: Dialect,
  limitBytes: number,
  signal?: AbortSignal,
): AsyncGenerator<HistoryCommit> {
  await using objects = new ObjectStream(dir, limitBytes, signal);
  const listed = listCommits(dir, tip, dialect, signal);
  try {
    yield* readCommits(listed, objects);
  } finally {
    // A reader that stops early leaves its processes behind otherwise.
    await listed.return(undefined);
  }
  await objects.ended();
}

async function* readCommits(
  listed: AsyncGenerator<ListedCommit>,
  objects: ObjectStream,
): AsyncGenerator<HistoryCommit> {
  const ahead: (ListedCommit & { readonly objects: number })[] = [];
  let asked = 0;
  for (let more = true; more || ahead.length > 0; ) {
    while (more && asked < LOOKAHEAD_OBJECTS) {
      const next = await listed.next();
      if (next.done === true) {
        more = false;
        objects.end();
        break;
      }
      const ids = objectsOf(next.value);
      ahead.push({ ...next.value, objects: ids.length });
      for (const id of ids) objects.ask(id);
      asked += ids.length;
    }
    const commit = ahead.shift();
    if (commit === undefined) break;
    asked -= commit.objects;
    yield await readCommit(commit, objects);
  }
}

function objectsOf({ id, changes }: ListedCommit): readonly string[] {
  return [id, ...changes.flatMap(({ newBlob, isFile }) => (newBlob === null || !isFile ? [] : [newBlob]))];
}

async function readCommit({ id, changes, others }: ListedCommit, objects: ObjectStream): Promise<HistoryCommit> {
  const commit = await objects.read();
  if (commit.kind !== 'object')
    throw new AuditError({ code: 'corrupt', object: id, detail: 'the commit is not there' });
  const withContent: HistoryCommit['changes'][number][] = [];
  for (const change of changes) {
    const content = change.newBlob === null || !change.isFile ? undefined : await objects.read();
    withContent.push({ ...change, content });
  }
  return { id, ...parseRawCommit(commit.content), changes: withContent, others };
}

/** Lists commits with the state files that they change, oldest first. */
async function* listCommits(
  dir: string,
  tip: string,
  dialect: Dialect,
  signal?: AbortSignal,
): AsyncGenerator<ListedCommit> {
  await using revisions = startGit(dir, ['rev-list', '--first-parent', '--reverse', '--parents', tip], signal);
  await using diffs = startGit(
    dir,
    ['diff-tree', '--stdin', '-r', '--root', '--raw', '--no-renames', '--always', '-z'],
    signal,
  );
  const feeding = feed(revisions.child.stdout, diffs.child.stdin);
  let commit: CommitId | undefined;
  let changes: RawChange[] = [];
  let others = new OtherFileCounter();
  let meta: string | undefined;
  for await (const token of tokens(diffs.child.stdout)) {
    if (meta !== undefined) {
      const known = auditedPath(token, dialect);
      if (known === undefined) others.take(token, statusOf(meta));
      else changes.push(readChange(meta, token, known));
      meta = undefined;
    } else if (token.startsWith(':')) {
      meta = token;
    } else if (COMMIT_ID.test(token)) {
      if (commit !== undefined) yield { id: commit, changes, others: others.counts };
      commit = CommitId.parse(token);
      changes = [];
      others = new OtherFileCounter();
    } else {
      throw new AuditError({ code: 'git', command: 'diff-tree', detail: `unexpected output: ${token.slice(0, 100)}` });
    }
  }
  if (commit !== undefined) yield { id: commit, changes, others: others.counts };
  await feeding;
  await Promise.all([revisions.ended, diffs.ended]);
}

/** Hands each commit on with its first parent only. */
async function feed(from: Readable, to: Writable): Promise<void> {
  const lines = createInterface({ input: from, crlfDelay: Number.POSITIVE_INFINITY });
  const pairs = async function* () {
    for await (const line of lines) yield `${line.split(' ', 2).join(' ')}\n`;
  };
  // A reader that has gone takes no more: what it ended with tells why.
  await pipeline(pairs, to).catch(() => {});
}

async function* tokens(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const joined = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let at = 0;
    for (let end = joined.indexOf(0); end >= 0; end = joined.indexOf(0, at)) {
      yield joined.toString('utf8', at, end);
      at = end + 1;
    }
    rest = joined.subarray(at);
  }
}

/** What happened to a path, as git's raw format has it: `A`, `D`, `M` or `T`. */
function statusOf(meta: string): string {
  return meta.slice(meta.lastIndexOf(' ') + 1);
}

/** One changed path. */
function readChange(meta: string, path: string, known: AuditedPath): RawChange {
  const [, newMode = '', oldBlob = '', newBlob = ''] = meta.split(' ');
  return {
    path,
    known,
    oldBlob: NO_BLOB.test(oldBlob) ? null : oldBlob,
    newBlob: NO_BLOB.test(newBlob) ? null : newBlob,
    isFile: /^100/.test(newMode),
  };
}
