import { detailOf, GitCommandError, GitError, readingEnvironment, runGit as runBounded } from '@tiltyard/git';

/** What a clone may come by: no transport that runs commands. */
export const CLONE_PROTOCOLS = 'file:git:http:https:ssh';

/** How long a command without much output may take. */
const SHORT_COMMAND_MS = 120_000;

/** The environment of every git process of an audit. */
export const READING = readingEnvironment(process.env);

/**
 * Runs one git command and returns what it printed.
 *
 * @throws GitError `git` when it fails, takes longer than `timeoutMs`, prints too much or takes too much of the disk; the signal's reason when it aborts.
 */
export async function runGit(
  dir: string,
  args: readonly string[],
  {
    signal,
    timeoutMs = SHORT_COMMAND_MS,
    protocols,
    remote,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly timeoutMs?: number;
    /** The transports that it may use; none by default. */
    readonly protocols?: typeof CLONE_PROTOCOLS;
    /** An address that the caller names beside what git says. */
    readonly remote?: string;
  } = {},
): Promise<string> {
  const env = { ...READING, ...(protocols === undefined ? {} : { GIT_ALLOW_PROTOCOL: protocols }) };
  try {
    return await runBounded(args, { dir, env, timeoutMs, signal });
  } catch (error) {
    if (!(error instanceof GitCommandError)) throw error;
    const detail = detailOf(error, remote) || `ended with ${error.exitCode}`;
    throw new GitError({ code: 'git', command: args[0] ?? '', detail: detail.slice(0, 1000) });
  }
}
