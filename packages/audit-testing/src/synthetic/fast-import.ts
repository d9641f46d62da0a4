import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { startGit } from '@tiltyard/git';
import { gitIn, MAKING } from './git-in.js';
import type { SyntheticCommit } from './synthetic-commit.js';

const BRANCH = 'main';
const REF = `refs/heads/${BRANCH}`;

/**
 * Writes commits into a new bare repository, in order, through one `git fast-import`.
 *
 * @param dir - A folder that is made if it is not there; it must hold no repository.
 * @returns the last commit, and how many there are.
 */
export async function importCommits(
  dir: string,
  commits: Iterable<SyntheticCommit>,
): Promise<{ readonly tip: string; readonly commits: number }> {
  await mkdir(dir, { recursive: true });
  await gitIn(dir, ['init', '--quiet', '--bare', `--initial-branch=${BRANCH}`, '.']);
  await using git = startGit(['fast-import', '--quiet', '--done'], { dir, env: MAKING });
  const { stdin } = git.child;
  git.child.stdout.resume();
  let count = 0;
  for (const commit of commits) {
    const author = `${commit.service} <${commit.service}@synthetic.invalid>`;
    if (!stdin.write(commitCommand({ ...commit, author, branch: REF })))
      await Promise.race([once(stdin, 'drain'), git.ended]);
    count += 1;
  }
  stdin.end('done\n');
  await git.ended;
  const tip = await gitIn(dir, ['rev-parse', BRANCH]);
  return { tip: tip.trim(), commits: count };
}

/** A commit on top of what a repository holds: its author, and its parents other than the branch's tip. */
export interface AppendedCommit extends Pick<SyntheticCommit, 'message' | 'at' | 'files'> {
  /** As git has it: `name <email>`. */
  readonly author: string;
  /** Commits that are merged in. */
  readonly merged?: readonly string[];
}

/** Adds a commit to a branch of a repository. @returns its id. */
export async function appendCommit(dir: string, branch: string, commit: AppendedCommit): Promise<string> {
  await using git = startGit(['fast-import', '--quiet', '--done'], { dir, env: MAKING });
  git.child.stdout.resume();
  git.child.stdin.end(
    Buffer.concat([commitCommand({ ...commit, branch, from: `${branch}^0` }), Buffer.from('done\n')]),
  );
  await git.ended;
  return (await gitIn(dir, ['rev-parse', branch])).trim();
}

/** One commit in fast-import's language. Texts go in by their length in bytes, whatever they hold. */
function commitCommand(commit: AppendedCommit & { readonly branch: string; readonly from?: string }): Buffer {
  const { author, message, at, files, branch, from, merged = [] } = commit;
  const who = `${author} ${Math.floor(at.getTime() / 1000)} +0000`;
  const parts: Buffer[] = [Buffer.from(`commit ${branch}\nauthor ${who}\ncommitter ${who}\n`), data(message)];
  if (from !== undefined) parts.push(Buffer.from(`from ${from}\n`));
  for (const parent of merged) parts.push(Buffer.from(`merge ${parent}\n`));
  for (const [path, text] of files) {
    if (text === null) parts.push(Buffer.from(`D ${path}\n`));
    else parts.push(Buffer.from(`M 100644 inline ${path}\n`), data(text));
  }
  return Buffer.concat(parts);
}

function data(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}
