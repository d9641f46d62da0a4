import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { runGit, startGit } from '../git/git-process.js';
import type { SyntheticCommit } from './synthetic-commit.js';

const BRANCH = 'main';

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
  await runGit(dir, ['init', '--quiet', '--bare', `--initial-branch=${BRANCH}`, '.']);
  await using git = startGit(dir, ['fast-import', '--quiet', '--done']);
  const { stdin } = git.child;
  git.child.stdout.resume();
  let count = 0;
  for (const commit of commits) {
    if (!stdin.write(commitCommand(commit))) await Promise.race([once(stdin, 'drain'), git.ended]);
    count += 1;
  }
  stdin.end('done\n');
  await git.ended;
  const tip = await runGit(dir, ['rev-parse', BRANCH]);
  return { tip: tip.trim(), commits: count };
}

/** One commit in fast-import's language. Texts go in by their length in bytes, whatever they hold. */
function commitCommand({ service, message, at, files }: SyntheticCommit): Buffer {
  const who = `${service} <${service}@synthetic.invalid> ${Math.floor(at.getTime() / 1000)} +0000`;
  const parts: Buffer[] = [
    Buffer.from(`commit refs/heads/${BRANCH}\nauthor ${who}\ncommitter ${who}\n`),
    data(message),
  ];
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
