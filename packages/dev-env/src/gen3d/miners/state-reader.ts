import { execa } from 'execa';
import { SampleError } from '../objects/sample-error.js';

/** Reads one file of one commit. @throws SampleError `unreadable` */
export type ReadStateFile = (path: string) => Promise<string>;

/** Reads a public state repository, as any outsider may. */
export interface StateReader {
  /** A reader of the newest commit's files. @throws SampleError `unreadable` */
  latest(signal: AbortSignal): Promise<ReadStateFile>;
}

export interface GitStateOptions {
  /** The repository: anything that git can fetch from. */
  readonly remote: string;
  readonly branch: string;
  /** An empty folder of the reader's own. */
  readonly directory: string;
}

const GIT_TIMEOUT_MS = 30_000;
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Reads a state repository with git: a shallow fetch of the branch's tip at every look. */
export async function openGitState({ remote, branch, directory }: GitStateOptions): Promise<StateReader> {
  const git = async (args: readonly string[], signal?: AbortSignal): Promise<string> => {
    const result = await execa('git', ['-C', directory, ...args], {
      timeout: GIT_TIMEOUT_MS,
      maxBuffer: MAX_FILE_BYTES,
      env: { GIT_TERMINAL_PROMPT: '0' },
      stripFinalNewline: false,
      reject: false,
      ...(signal ? { cancelSignal: signal } : {}),
    });
    if (!result.failed) return result.stdout;
    throw new SampleError({ code: 'unreadable', target: remote, detail: result.shortMessage ?? 'git failed' });
  };
  await git(['init', '--quiet', '--bare']);
  return {
    latest: async (signal) => {
      await git(
        ['fetch', '--quiet', '--depth=1', '--no-tags', remote, `+refs/heads/${branch}:refs/heads/state`],
        signal,
      );
      const commit = (await git(['rev-parse', 'refs/heads/state'], signal)).trim();
      return (path) => git(['show', `${commit}:${path}`], signal);
    },
  };
}
