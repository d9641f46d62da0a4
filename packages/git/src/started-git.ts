import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { GitEnvironment } from './git-environment.js';
import { GitError } from './git-error.js';

const STDERR_LIMIT = 4000;

/** A git process with open ends, and what it came to. */
export interface StartedGit extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  /** Settles when the process has ended. @throws GitError `git` when it ended badly. */
  readonly ended: Promise<void>;
  /** What it has complained about so far. */
  complaints(): string;
}

/** Starts a git command whose output is read as it comes. Disposing of it ends it. */
export function startGit(
  args: readonly string[],
  {
    dir,
    env,
    signal,
  }: { readonly dir: string; readonly env: GitEnvironment; readonly signal?: AbortSignal | undefined },
): StartedGit {
  const child = spawn('git', [...args], { cwd: dir, env, stdio: 'pipe' });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (stderr.length < STDERR_LIMIT) stderr += chunk;
  });
  // A write to a process that has ended fails here; what it ended with says more.
  child.stdin.on('error', () => {});
  const stop = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  const ended = gone.then(() => {
    signal?.removeEventListener('abort', stop);
    if (child.exitCode === 0) return;
    const detail = failure?.message ?? (stderr.trim() || `ended with ${child.exitCode ?? child.signalCode}`);
    throw new GitError({ code: 'git', command: args[0] ?? '', detail });
  });
  // A caller that waits gets the error; waiting is optional.
  ended.catch(() => {});
  return {
    child,
    ended,
    complaints: () => stderr.trim(),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) stop();
      // It only closes once its output is read or dropped.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      await gone;
    },
  };
}
