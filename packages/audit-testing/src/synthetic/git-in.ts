import { gitEnvironment, runGit } from '@tiltyard/git';

/** The environment of git where histories are made. */
export const MAKING = gitEnvironment(process.env);

/** Runs one git command in a repository and returns what it printed. @throws GitCommandError */
export async function gitIn(dir: string, args: readonly string[]): Promise<string> {
  return await runGit(args, { dir, env: MAKING, timeoutMs: 120_000 });
}
