import { type ObjectAnswer, ObjectStream } from '@tiltyard/git';
import { type ListedCommit, listCommits } from './commit-list.js';
import type { Paths } from './paths.js';
import { READING } from './run-git.js';
import type { RawChange } from './tree-changes.js';

/** A commit as the replay takes it. */
export interface HistoryCommit extends Omit<ListedCommit, 'changes' | 'tree'> {
  readonly changes: readonly (RawChange & { readonly content: ObjectAnswer | undefined })[];
}

interface AheadCommit extends ListedCommit {
  /** How many objects it counts as. */
  readonly objects: number;
}

/** How many objects git is asked for ahead of the reader; a message counts as the objects that it is as long as. */
const LOOKAHEAD_OBJECTS = 512;
const OBJECT_CHARACTERS = 4096;

/**
 * Reads a history from its first commit to a tip, along first parents, with the content of every state file that a commit
 * adds or changes.
 *
 * Three processes work side by side: `git rev-list` lists the commits, one `git cat-file` gives commits and trees, and one
 * blobs. Plumbing, because it heeds none of the repository's own settings. A merge is compared with its first parent, so
 * that what is read is one line of trees.
 *
 * @param limitBytes - Larger files are not read.
 * @throws GitError `git`, `corrupt`.
 */
export async function* readHistory(
  dir: string,
  tip: string,
  paths: Paths,
  limitBytes: number,
  signal?: AbortSignal,
): AsyncGenerator<HistoryCommit> {
  await using blobs = new ObjectStream(dir, { env: READING, limitBytes, signal });
  const listed = listCommits(dir, tip, paths, signal);
  try {
    yield* readCommits(listed, blobs);
  } finally {
    // A reader that stops early leaves its processes behind otherwise.
    await listed.return(undefined);
  }
  await blobs.ended();
}

async function* readCommits(listed: AsyncGenerator<ListedCommit>, blobs: ObjectStream): AsyncGenerator<HistoryCommit> {
  const ahead: AheadCommit[] = [];
  let asked = 0;
  for (let more = true; more || ahead.length > 0; ) {
    while (more && asked < LOOKAHEAD_OBJECTS) {
      const next = await listed.next();
      if (next.done === true) {
        more = false;
        blobs.end();
        break;
      }
      const ids = blobsOf(next.value);
      const objects = ids.length + Math.ceil(next.value.message.length / OBJECT_CHARACTERS);
      ahead.push({ ...next.value, objects });
      for (const id of ids) blobs.ask(id);
      asked += objects;
    }
    const commit = ahead.shift();
    if (commit === undefined) break;
    asked -= commit.objects;
    yield await withContents(commit, blobs);
  }
}

function blobsOf({ changes }: ListedCommit): readonly string[] {
  return changes.flatMap(({ newBlob, isFile }) => (newBlob === null || !isFile ? [] : [newBlob]));
}

async function withContents(
  { tree: _, changes, ...commit }: ListedCommit,
  blobs: ObjectStream,
): Promise<HistoryCommit> {
  const withContent: HistoryCommit['changes'][number][] = [];
  for (const change of changes) {
    const content = change.newBlob === null || !change.isFile ? undefined : await blobs.read();
    withContent.push({ ...change, content });
  }
  return { ...commit, changes: withContent };
}
