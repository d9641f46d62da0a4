import { createInterface } from 'node:readline';
import {
  GIT_LIMITS,
  GitError,
  type ObjectAnswer,
  ObjectStream,
  type RawCommit,
  readCommitObject,
  startGit,
} from '@tiltyard/git';
import { CommitId } from '@tiltyard/schema';
import type { Paths } from './paths.js';
import { READING } from './run-git.js';
import { type TreeChanges, treeChanges } from './tree-changes.js';
import { TreeReader } from './tree-reader.js';

/** A commit as the auditor looks at it. */
interface AuditedCommit extends Omit<RawCommit, 'author' | 'committedAt'> {
  readonly id: CommitId;
  /** The author's name. */
  readonly author: string;
  readonly email: string;
  readonly committedAtMs: number;
}

/** A commit and what it changed. */
export interface ListedCommit extends AuditedCommit, Omit<TreeChanges, 'faults'> {}

/** How many commits are read ahead, so that git is never waited for. */
const LOOKAHEAD_COMMITS = 32;

/**
 * Lists the commits from the first to a tip, along first parents, with the state files that each changed against the one
 * before. All of it is read from the objects themselves, held against their names: what git keeps beside them (a
 * commit-graph, say) may tell another history. A merge is compared with its first parent.
 *
 * @throws GitError `git`, `corrupt`.
 */
export async function* listCommits(
  dir: string,
  tip: string,
  paths: Paths,
  signal?: AbortSignal,
): AsyncGenerator<ListedCommit> {
  await using revisions = startGit(['rev-list', '--first-parent', '--reverse', tip], { dir, env: READING, signal });
  await using objects = new ObjectStream(dir, { env: READING, limitBytes: GIT_LIMITS.structureBytes, signal });
  const reader = new TreeReader(objects);
  const ahead: Promise<ListedCommit>[] = [];
  let before: Promise<AuditedCommit> | undefined;
  for await (const line of createInterface({ input: revisions.child.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
    const id = CommitId.safeParse(line);
    if (!id.success) throw new GitError({ code: 'git', command: 'rev-list', detail: `said ${line.slice(0, 100)}` });
    const commit = readCommit(objects, id.data);
    const listed = listCommit(reader, before, commit, paths);
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

/** A commit by itself: what it holds, as changes against nothing. @throws GitError `corrupt`, `git`. */
export async function readTip(dir: string, tip: CommitId, paths: Paths, signal?: AbortSignal): Promise<ListedCommit> {
  await using objects = new ObjectStream(dir, { env: READING, limitBytes: GIT_LIMITS.structureBytes, signal });
  const commit = await readCommit(objects, tip);
  const { faults, ...changed } = await changesOf(new TreeReader(objects), undefined, commit, paths);
  return { ...commit, ...changed, faults: [...commit.faults, ...faults] };
}

async function readCommit(objects: ObjectStream, id: CommitId): Promise<AuditedCommit> {
  const answer = await objects.get(id, { tooLarge: 'head' });
  const content = contentOf(answer);
  const cutFromBytes = answer.kind === 'too_large' ? answer.sizeBytes : undefined;
  if (content === undefined) throw new GitError({ code: 'corrupt', object: id, detail: 'the commit is not there' });
  const { author, committedAt, ...commit } = readCommitObject(content, cutFromBytes);
  return { id, ...commit, author: author.name, email: author.email, committedAtMs: committedAt.getTime() };
}

/** What is read of an object; undefined where it is missing. */
function contentOf(answer: ObjectAnswer): Buffer | undefined {
  if (answer.kind === 'missing') return undefined;
  return answer.kind === 'object' ? answer.content : answer.head;
}

async function listCommit(
  reader: TreeReader,
  before: Promise<AuditedCommit> | undefined,
  reading: Promise<AuditedCommit>,
  paths: Paths,
): Promise<ListedCommit> {
  const [parent, commit] = await Promise.all([before, reading]);
  if (commit.parents[0] !== parent?.id) {
    const detail = `git goes on from ${parent?.id ?? 'nothing'}, its first parent is ${commit.parents[0] ?? 'none'}`;
    throw new GitError({ code: 'corrupt', object: commit.id, detail });
  }
  const { changes, others, faults } = await changesOf(reader, parent?.tree, commit, paths);
  return { ...commit, changes, others, faults: [...commit.faults, ...faults] };
}

async function changesOf(
  reader: TreeReader,
  before: string | undefined,
  { tree }: AuditedCommit,
  paths: Paths,
): Promise<TreeChanges> {
  return tree === undefined ? { changes: [], others: [], faults: [] } : await treeChanges(reader, before, tree, paths);
}
