import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CommitId } from '@tiltyard/schema';
import { AuditError } from '../audit-error.js';
import type { AuditSource } from '../interfaces.js';
import { runGit } from './git-process.js';

/** A repository to read, and the commit to read up to. */
export interface OpenRepository extends AsyncDisposable {
  readonly dir: string;
  readonly tip: CommitId;
  readonly totalCommits: number;
}

const CLONE_MS = 30 * 60_000;

/**
 * Opens a history: a repository on this machine as it lies there, a remote one by a bare clone that disposing deletes.
 *
 * @throws AuditError `no_repository`, `no_history`, `bad_option`.
 */
export async function openRepository(source: AuditSource, signal?: AbortSignal): Promise<OpenRepository> {
  if ('dir' in source) {
    const found = await stat(source.dir).catch(() => undefined);
    if (found === undefined) {
      throw new AuditError({ code: 'no_repository', where: source.dir, detail: 'there is no such folder' });
    }
    return await describe(source.dir, source.ref ?? 'HEAD', async () => {}, signal);
  }
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-audit-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    await clone(source, dir, signal);
    return await describe(dir, 'HEAD', remove, signal);
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Whether a commit is in a history; undefined when the repository does not have it at all. */
export async function isInHistory(
  { dir, tip }: Pick<OpenRepository, 'dir' | 'tip'>,
  commit: string,
  signal?: AbortSignal,
): Promise<boolean | undefined> {
  const id = await resolveCommit(dir, commit, signal);
  if (id === undefined) return undefined;
  const count = await runGit(dir, ['rev-list', '--count', '--max-count=1', id, `^${tip}`], { signal });
  return count.trim() === '0';
}

/** A commit's full name, or undefined when there is none of that name. */
export async function resolveCommit(dir: string, name: string, signal?: AbortSignal): Promise<CommitId | undefined> {
  if (!/^[\w./@^~-]{1,200}$/.test(name) || name.startsWith('-')) return undefined;
  try {
    const found = await runGit(dir, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], {
      signal,
    });
    const id = CommitId.safeParse(found.trim());
    return id.success ? id.data : undefined;
  } catch (error) {
    if (error instanceof AuditError) return undefined;
    throw error;
  }
}

async function clone(
  source: Extract<AuditSource, { readonly remote: string }>,
  dir: string,
  signal?: AbortSignal,
): Promise<void> {
  const { remote, branch } = source;
  if (branch !== undefined && !/^[\w][\w./-]{0,200}$/.test(branch)) {
    throw new AuditError({ code: 'bad_option', option: 'branch', detail: 'is no branch name' });
  }
  const chosen = branch === undefined ? [] : ['--branch', branch];
  const args = ['clone', '--quiet', '--bare', '--single-branch', '--no-tags', ...chosen, '--', remote, dir];
  try {
    await runGit(path.dirname(dir), args, { signal, timeoutMs: CLONE_MS });
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    throw new AuditError({ code: 'no_repository', where: remote, detail: error.message });
  }
}

async function describe(
  dir: string,
  ref: string,
  close: () => Promise<void>,
  signal?: AbortSignal,
): Promise<OpenRepository> {
  try {
    await runGit(dir, ['rev-parse', '--git-dir'], { signal });
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    throw new AuditError({ code: 'no_repository', where: dir, detail: error.message });
  }
  const tip = await resolveCommit(dir, ref, signal);
  if (tip === undefined) throw new AuditError({ code: 'no_history', ref });
  const count = await runGit(dir, ['rev-list', '--count', '--first-parent', tip], { signal });
  return { dir, tip, totalCommits: Number(count), [Symbol.asyncDispose]: close };
}
