import { createInterface } from 'node:readline';
import { CommitId } from '@tiltyard/schema';
import { AuditError } from '../audit-error.js';
import type { Dialect } from '../interfaces.js';
import { startGit } from './git-process.js';
import { ObjectStream } from './object-stream.js';
import { parseRawCommit, type RawCommit } from './raw-commit.js';
import { type TreeChanges, treeChanges } from './tree-changes.js';
import { TreeReader } from './tree-reader.js';

/** The largest commits and trees that are read whole. Trees of ours are of a few kilobytes, messages of a few dozen. */
export const STRUCTURE_BYTES = 1024 * 1024;

/** A commit and what it changed. */
export interface ListedCommit extends RawCommit, Omit<TreeChanges, 'faults'> {
  readonly id: CommitId;
}

/** How many commits are read ahead, so that git is never waited for. */
const LOOKAHEAD_COMMITS = 32;

/**
 * Lists the commits from the first to a tip, along first parents, with the state files that each changed against the one
 * before. All of it is read from the objects themselves, held against their names: what git keeps beside them (a
 * commit-graph, say) may tell another history. A merge is compared with its first parent.
 *
 * @throws AuditError `git`, `corrupt`.
 */
export async function* listCommits(
  dir: string,
  tip: string,
  dialect: Dialect,
  signal?: AbortSignal,
): AsyncGenerator<ListedCommit> {
  await using revisions = startGit(dir, ['rev-list', '--first-parent', '--reverse', tip], signal);
  await using objects = new ObjectStream(dir, STRUCTURE_BYTES, signal);
  const reader = new TreeReader(objects);
  const ahead: Promise<ListedCommit>[] = [];
  let before: Promise<RawCommit & { readonly id: CommitId }> | undefined;
  for await (const line of createInterface({ input: revisions.child.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
    const id = CommitId.safeParse(line);
    if (!id.success) throw new AuditError({ code: 'git', command: 'rev-list', detail: `said ${line.slice(0, 100)}` });
    const commit = readCommit(objects, id.data);
    const listed = listCommit(reader, before, commit, dialect);
    // Whoever waits for it hears of it; a reader that stops early does not.
    listed.catch(() => {});
    ahead.push(listed);
    before = commit;
    const next = ahead.length < LOOKAHEAD_COMMITS ? undefined : ahead.shift();
    if (next !== undefined) yield await next;
  }
  await revisions.ended;
  for (const listed of ahead) yield await listed;
  await objects.ended();
}

/** A commit by itself: what it holds, as changes against nothing. @throws AuditError `corrupt`, `git`. */
export async function readTip(
  dir: string,
  tip: CommitId,
  dialect: Dialect,
  signal?: AbortSignal,
): Promise<ListedCommit> {
  await using objects = new ObjectStream(dir, STRUCTURE_BYTES, signal);
  const commit = await readCommit(objects, tip);
  const { faults, ...changed } = await changesOf(new TreeReader(objects), undefined, commit, dialect);
  return { ...commit, ...changed, faults: [...commit.faults, ...faults] };
}

async function readCommit(objects: ObjectStream, id: CommitId): Promise<RawCommit & { readonly id: CommitId }> {
  const answer = await objects.get(id, { withHead: true });
  if (answer.kind === 'object') return { id, ...parseRawCommit(answer.content) };
  if (answer.kind === 'too_large' && answer.head !== undefined) {
    return { id, ...parseRawCommit(answer.head, answer.sizeBytes) };
  }
  throw new AuditError({ code: 'corrupt', object: id, detail: 'the commit is not there' });
}

async function listCommit(
  reader: TreeReader,
  before: Promise<RawCommit & { readonly id: CommitId }> | undefined,
  reading: Promise<RawCommit & { readonly id: CommitId }>,
  dialect: Dialect,
): Promise<ListedCommit> {
  const [parent, commit] = await Promise.all([before, reading]);
  if (commit.parents[0] !== parent?.id) {
    const detail = `git goes on from ${parent?.id ?? 'nothing'}, its first parent is ${commit.parents[0] ?? 'none'}`;
    throw new AuditError({ code: 'corrupt', object: commit.id, detail });
  }
  const { changes, others, faults } = await changesOf(reader, parent?.tree, commit, dialect);
  return { ...commit, changes, others, faults: [...commit.faults, ...faults] };
}

async function changesOf(
  reader: TreeReader,
  before: string | undefined,
  { tree }: RawCommit,
  dialect: Dialect,
): Promise<TreeChanges> {
  return tree === undefined
    ? { changes: [], others: [], faults: [] }
    : await treeChanges(reader, before, tree, dialect);
}
