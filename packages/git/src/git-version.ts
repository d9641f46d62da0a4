import { GitCommandError, runGit } from './git-command.js';
import { GitError } from './git-error.js';

/** From this version on git takes configuration through its environment, which is how it is given the token. */
const NEEDED = [2, 31] as const;

/**
 * Checks that this machine's git is new enough: an older one would leave settings out without a word.
 *
 * @param env - The environment in which git will run.
 * @throws GitError `old_git`, also when there is none.
 */
export async function requireGit(
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const found = await versionText(env, timeoutMs, signal);
  const [, major = '0', minor = '0'] = /^git version (\d{1,6})\.(\d{1,6})/.exec(found) ?? [];
  const rise = Number(major) - NEEDED[0] || Number(minor) - NEEDED[1];
  if (rise < 0) throw new GitError({ code: 'old_git', found, needed: NEEDED.join('.') });
}

async function versionText(
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<string> {
  try {
    return (await runGit(['version'], { dir: '/', env, timeoutMs, signal })).trim().slice(0, 200);
  } catch (error) {
    if (error instanceof GitCommandError) return `none that runs (${error.message.slice(0, 200)})`;
    throw error;
  }
}
