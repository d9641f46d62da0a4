import { GitError, type SimpleGitOptions, simpleGit } from 'simple-git';
import { StartedProcess } from './started-process.js';
import { type TransferEnd, watchTransfer } from './transfer-watch.js';

/** Why we ended a command ourselves. */
export type CommandEnd = 'timeout' | 'too_much_output' | TransferEnd;

/** A git command that did not end well. */
export class GitCommandError extends GitError {
  override readonly name = 'GitCommandError';
  constructor(
    readonly command: string,
    readonly exitCode: number,
    readonly stdout: string,
    readonly stderr: string,
    /** Why we ended it ourselves, where we did. */
    readonly ended?: CommandEnd,
  ) {
    super(undefined, `git ${command} ended with ${ended ?? exitCode}: ${(stderr || stdout).trim()}`);
  }
}

export interface GitCommandOptions {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** How long it may take to end when it is asked to, before it is killed. */
  readonly graceMs?: number;
}

/** A remote may send any amount of text; ours never needs this much. */
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;
/** What is read of a failed command's output, at either end. */
const TOLD_BYTES = 32 * 1024;
/** Commands that write what a remote sends. */
const TRANSFERS: ReadonlySet<string> = new Set(['clone', 'fetch']);
/** Git cleans up when it is asked to end, which takes a moment. */
const GRACE_MS = 5_000;

// What simple-git guards against is options from untrusted people. Ours are constants, and the environment is built by
// gitEnvironment, so what it sets is let through.
const UNSAFE: NonNullable<SimpleGitOptions['unsafe']> = {
  allowUnsafeSshCommand: true,
  allowUnsafeAskPass: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeConfigEnvCount: true,
};

/**
 * Runs one git command through simple-git and returns what it printed.
 *
 * Bounded in time, in output and in what it takes of the disk; ended when the signal aborts, and killed when it does not go.
 *
 * @throws GitCommandError when it fails, takes too long or prints too much; the signal's reason when it aborts.
 */
export async function runGit(args: readonly string[], options: GitCommandOptions): Promise<string> {
  options.signal?.throwIfAborted();
  const command = args[0] ?? '';
  const stop = new AbortController();
  let ended: CommandEnd | undefined;
  const end = (why: CommandEnd) => {
    ended ??= why;
    stop.abort();
  };
  const abort = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  let failure: GitCommandError | undefined;
  using started = new StartedProcess();
  const git = simpleGit({
    baseDir: options.dir,
    abort,
    // 'exit' only bounds the wait for a grandchild that holds the pipes open; the output is complete at 'close'.
    completion: { onClose: true, onExit: 200 },
    // It strips what steers git unless it is named; all of it is ours.
    allowEnvironment: Object.keys(options.env),
    unsafe: UNSAFE,
    errors(error, { exitCode, stdOut, stdErr }) {
      if (exitCode === 0 && !(error instanceof Error)) return undefined;
      failure = new GitCommandError(command, exitCode, toldBy(stdOut), toldBy(stdErr), ended);
      return failure;
    },
  })
    .env({ ...options.env })
    .outputHandler((_, stdout, stderr) => {
      started.recognise(stdout);
      let bytes = 0;
      for (const stream of [stdout, stderr]) {
        stream.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > OUTPUT_LIMIT_BYTES) end('too_much_output');
        });
      }
    });

  using _ = TRANSFERS.has(command) ? watchTransfer(options.dir, end) : undefined;
  const deadline = setTimeout(() => end('timeout'), options.timeoutMs);
  const patience = insist(abort, started, options.graceMs ?? GRACE_MS);
  try {
    const gaveUp = patience.over.then(() => {
      throw new GitCommandError(command, -1, '', 'did not end when killed', 'timeout');
    });
    return await Promise.race([git.raw([...args]), gaveUp]);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw failure ?? error;
  } finally {
    clearTimeout(deadline);
    patience.stop();
  }
}

/** What a failed command printed: of very much, its beginning and its end, where a verdict stands. */
function toldBy(chunks: readonly Buffer[]): string {
  const all = Buffer.concat(chunks);
  if (all.length <= 2 * TOLD_BYTES) return all.toString('utf8');
  return `${all.toString('utf8', 0, TOLD_BYTES)}\n…\n${all.toString('utf8', all.length - TOLD_BYTES)}`;
}

/** Kills a process that has not ended some time after it was asked to; `over` resolves when even that did not help. */
function insist(told: AbortSignal, started: StartedProcess, graceMs: number) {
  let timer: NodeJS.Timeout | undefined;
  let begin = () => {};
  const over = new Promise<void>((resolve) => {
    begin = () => {
      timer = setTimeout(() => {
        started.kill();
        timer = setTimeout(resolve, graceMs);
      }, graceMs);
    };
  });
  told.addEventListener('abort', begin, { once: true });
  const stop = () => {
    told.removeEventListener('abort', begin);
    clearTimeout(timer);
  };
  return { over, stop };
}

const ENDED: Readonly<Record<CommandEnd, string>> = {
  timeout: 'ended because it took too long',
  too_much_output: 'ended because it printed too much',
  too_much_transferred: 'ended because it took too much of the disk in one transfer',
  disk_full: 'ended because it would have filled the disk: No space left on device',
};

/**
 * What git said, short enough for a log. A push's verdict is on its standard output.
 *
 * @param remote - An address that the caller reports itself, so it is not repeated.
 */
export function detailOf({ ended, stdout, stderr }: GitCommandError, remote = ''): string {
  const verdict = stdout
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .join('; ');
  const text = [ended === undefined ? '' : ENDED[ended], verdict, stderr.trim()]
    .filter((part) => part !== '')
    .join('; ');
  const told = remote === '' ? text : text.replaceAll(`'${remote}/'`, 'it').replaceAll(`'${remote}'`, 'it');
  return told.slice(0, 2000);
}
