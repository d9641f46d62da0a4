import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { detailOf, GitCommandError, runGit as runBounded } from '@tiltyard/ledger';
import { AuditError } from '../audit-error.js';

/** What a git process gets of our environment: where programs, keys, proxies and certificates are. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'GIT_SSH_COMMAND',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'no_proxy',
  'NO_PROXY',
] as const;

const OURS = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_OPTIONAL_LOCKS: '0',
  // A repository may name programs as transports, and be short of an object that git would fetch by them.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  // Replacement refs and grafts would show another history than the one that everybody has.
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_GRAFT_FILE: '/dev/null',
  // What the environment configures goes before the repository's own settings.
  GIT_CONFIG_COUNT: '2',
  // A file beside the objects that tells of commits' parents and trees; nothing holds it against the commits.
  GIT_CONFIG_KEY_0: 'core.commitGraph',
  GIT_CONFIG_VALUE_0: 'false',
  // A hint about GIT_GRAFT_FILE would stand before what went wrong.
  GIT_CONFIG_KEY_1: 'advice.graftFileDeprecated',
  GIT_CONFIG_VALUE_1: 'false',
} as const;

/** What a clone may come by: no transport that runs commands. */
export const CLONE_PROTOCOLS = 'file:git:http:https:ssh';

/** How long a command without much output may take. */
const SHORT_COMMAND_MS = 120_000;
const STDERR_LIMIT = 4000;

/**
 * The environment of every git process: no prompts, English messages, none of the machine's configuration, and no way to
 * anywhere else but for a clone.
 */
export function gitEnvironment(): Readonly<Record<string, string>> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), ...OURS };
}

/**
 * Runs one git command and returns what it printed.
 *
 * @throws AuditError `git` when it fails, takes longer than `timeoutMs`, prints too much or takes too much of the disk; the signal's reason when it aborts.
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
    /** An address that is told beside what git says. */
    readonly remote?: string;
  } = {},
): Promise<string> {
  const env = { ...gitEnvironment(), ...(protocols === undefined ? {} : { GIT_ALLOW_PROTOCOL: protocols }) };
  try {
    return await runBounded(args, { dir, env, timeoutMs, signal });
  } catch (error) {
    if (!(error instanceof GitCommandError)) throw error;
    const detail = detailOf(error, remote) || `ended with ${error.exitCode}`;
    throw new AuditError({ code: 'git', command: args[0] ?? '', detail: detail.slice(0, 1000) });
  }
}

/** A git process with open ends, and what it came to. */
export interface GitProcess extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  /** Settles when the process has ended. @throws AuditError `git` when it ended badly. */
  readonly ended: Promise<void>;
  /** What it has complained about so far. */
  complaints(): string;
}

/** Starts a git command whose output is read as it comes. Disposing of it ends it. */
export function startGit(dir: string, args: readonly string[], signal?: AbortSignal): GitProcess {
  const child = spawn('git', [...args], { cwd: dir, env: gitEnvironment(), stdio: 'pipe' });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (stderr.length < STDERR_LIMIT) stderr += chunk;
  });
  // A write to a process that has ended fails here; what it ended with tells.
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
    throw new AuditError({ code: 'git', command: args[0] ?? '', detail });
  });
  // Whoever waits for it hears of it; nobody has to.
  ended.catch(() => {});
  return {
    child,
    ended,
    complaints: () => stderr.trim(),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) stop();
      // It only closes once nobody holds back what it wrote.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      await gone;
    },
  };
}
