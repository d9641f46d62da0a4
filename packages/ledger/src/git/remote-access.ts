import { detailOf, GitCommandError, gitEnvironment, runGit } from '@tiltyard/git';
import { CommitId } from '@tiltyard/schema';
import { LedgerError, type UnreachableKind } from '../ledger-error.js';
import { failureKind, refusalReason } from './failure-kind.js';
import { type TokenSource, tokenSettings } from './git-token.js';
import type { RemoteAddress } from './remote-address.js';

/** All that a git command needs to speak to the remote. */
export interface RemoteAccess {
  readonly remote: RemoteAddress;
  readonly branch: string;
  readonly token: TokenSource;
  /** This process's own environment. */
  readonly ambient: NodeJS.ProcessEnv;
  /** The longest that one git command may take. */
  readonly timeoutMs: number;
}

/**
 * `git fetch` with nothing on the side: no tags, no housekeeping, no FETCH_HEAD, no refs but the one asked for. Verbose,
 * because simple-git waits for output.
 */
export const FETCH: readonly string[] = [
  'fetch',
  '-v',
  '--no-tags',
  '--no-auto-gc',
  '--no-write-fetch-head',
  '--refmap=',
];

/** Where a clone keeps the last tip that was seen. */
export function trackingRef(branch: string): string {
  return `refs/remotes/origin/${branch}`;
}

/**
 * Runs a git command that may speak to the remote.
 *
 * @throws GitCommandError, free of the token.
 */
export async function runRemoteGit(
  access: RemoteAccess,
  dir: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const token = await access.token();
  const env = gitEnvironment(access.ambient, tokenSettings(access.remote, token));
  try {
    return await runGit(args, { dir, env, timeoutMs: access.timeoutMs, signal });
  } catch (error) {
    const shown = token?.reveal() ?? '';
    if (shown === '' || !(error instanceof GitCommandError)) throw error;
    const clean = (text: string) => text.replaceAll(shown, '***');
    throw new GitCommandError(error.command, error.exitCode, clean(error.stdout), clean(error.stderr), error.ended);
  }
}

/** The remote's tip: one round trip. Undefined when it has no such branch. @throws LedgerError `unreachable`. */
export async function remoteTip(
  access: RemoteAccess,
  dir: string,
  signal?: AbortSignal,
): Promise<CommitId | undefined> {
  const ref = `refs/heads/${access.branch}`;
  try {
    const listed = await runRemoteGit(access, dir, ['ls-remote', access.remote.url, ref], signal);
    // The pattern also matches names that end alike.
    const line = listed.split('\n').find((entry) => entry.endsWith(`\t${ref}`));
    return line === undefined ? undefined : CommitId.parse(line.slice(0, 40));
  } catch (error) {
    if (error instanceof GitCommandError) throw asLedgerError(error, access);
    throw error;
  }
}

/**
 * Whether one commit is part of another's history: of its line of first parents, as the auditor reads it. What is only
 * merged in is not: otherwise a made-up history could take the place of the one that it merges. Nor is a commit that the
 * repository does not have.
 */
export async function isAncestor(
  access: RemoteAccess,
  dir: string,
  ancestor: CommitId,
  of: CommitId,
  signal?: AbortSignal,
): Promise<boolean> {
  if (ancestor === of) return true;
  try {
    const above = ['rev-list', '--count', '--first-parent', of, `^${ancestor}`];
    const count = (await runRemoteGit(access, dir, above, signal)).trim();
    const below = await runRemoteGit(access, dir, ['rev-list', '--max-count=1', `${of}~${count}`], signal);
    return below.trim() === ancestor;
  } catch (error) {
    if (error instanceof GitCommandError && /bad object|bad revision|unknown revision/.test(error.stderr)) return false;
    throw error instanceof GitCommandError ? asLedgerError(error, access) : error;
  }
}

const UNREACHABLE: Readonly<Record<string, UnreachableKind>> = {
  network: 'network',
  server: 'server',
  credentials: 'credentials',
  timeout: 'timeout',
  // A lost race was recognized before; what is left here is a remote that is busy with itself.
  moved: 'server',
};

const SPEAKS_TO_REMOTE: ReadonlySet<string> = new Set(['clone', 'fetch', 'ls-remote', 'push']);

/** A failed git command as the ledger's own error. */
export function asLedgerError(error: GitCommandError, access: RemoteAccess): LedgerError {
  const kind = failureKind(error);
  const detail = detailOf(error, access.remote.url);
  const unreachable = UNREACHABLE[kind];
  if (unreachable !== undefined) {
    return new LedgerError({ code: 'unreachable', remote: access.remote.url, kind: unreachable, attempts: 1, detail });
  }
  const reason = refusalReason(error);
  if (reason !== undefined) return new LedgerError({ code: 'rejected', remote: access.remote.url, reason, detail });
  switch (kind) {
    case 'no_branch':
      return new LedgerError({ code: 'no_branch', remote: access.remote.url, branch: access.branch });
    case 'disk':
      return new LedgerError({ code: 'local_io', operation: `git ${error.command}`, errno: errnoIn(detail), detail });
    case 'corrupt':
      return new LedgerError({ code: 'corrupt', object: `git ${error.command}`, detail });
    default:
      // What a remote command says that we do not know (or does not say, being killed) leaves its outcome open.
      if (SPEAKS_TO_REMOTE.has(error.command)) {
        const facts = { remote: access.remote.url, kind: 'network', attempts: 1 } as const;
        return new LedgerError({ code: 'unreachable', ...facts, detail: detail || error.message });
      }
      return new LedgerError({ code: 'git', command: error.command, exitCode: error.exitCode, detail });
  }
}

function errnoIn(detail: string): string {
  if (/No space left/i.test(detail)) return 'ENOSPC';
  if (/Read-only/i.test(detail)) return 'EROFS';
  if (/quota/i.test(detail)) return 'EDQUOT';
  if (/permission/i.test(detail)) return 'EACCES';
  return 'EIO';
}
