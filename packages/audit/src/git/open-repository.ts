import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GitError } from '@tiltyard/git';
import { CommitId } from '@tiltyard/schema';
import { AuditError } from '../audit-error.js';
import type { AuditSource } from '../interfaces.js';
import { CLONE_PROTOCOLS, runGit } from './run-git.js';
import { partialCloneFault } from './whole-clone.js';

/** A repository to read, and the commit to read up to. */
export interface OpenRepository extends AsyncDisposable {
  readonly dir: string;
  readonly tip: CommitId;
  readonly totalCommits: number;
}

const CLONE_MS = 30 * 60_000;
const FULL_ID = /^[0-9a-f]{40}$/;
const ID_PREFIX = /^[0-9a-f]{4,40}$/;
// What came before would be missing from every check, and its first commit would seem to bring in everything.
const SHALLOW = 'it is a shallow clone, whose beginning is missing';

/**
 * Opens a history: a repository on this machine through a view of its objects, a remote one by a bare clone. Disposing
 * deletes view or clone; nothing is ever written to the repository itself.
 *
 * @throws AuditError `no_repository`, `no_history`, `bad_option`.
 */
export async function openRepository(source: AuditSource, signal?: AbortSignal): Promise<OpenRepository> {
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-audit-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  try {
    const tip = await openObjects(source, dir, signal);
    const count = await runGit(dir, ['rev-list', '--count', '--first-parent', tip], { signal });
    return { dir, tip, totalCommits: Number(count), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A folder is looked into where it is; a bundle, and what is elsewhere, is cloned. */
async function openObjects(source: AuditSource, dir: string, signal?: AbortSignal): Promise<CommitId> {
  if (!('dir' in source)) return await clone(source, dir, signal);
  const found = await stat(source.dir).catch(() => undefined);
  if (found?.isFile() !== true) return await viewObjects(source, dir, signal);
  const bundle = { remote: path.resolve(source.dir), ...(source.ref === undefined ? {} : { branch: source.ref }) };
  return await clone(bundle, dir, signal);
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

/** A commit's full name, or undefined when there is none of that name. What looks like the beginning of an id is one. */
export async function resolveCommit(dir: string, name: string, signal?: AbortSignal): Promise<CommitId | undefined> {
  if (!/^[\w./@^~-]{1,200}$/.test(name) || name.startsWith('-')) return undefined;
  try {
    const found = await runGit(dir, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], {
      signal,
    });
    const id = CommitId.safeParse(found.trim());
    if (!id.success) return undefined;
    // A branch may be called like the beginning of an id.
    return ID_PREFIX.test(name) && !id.data.startsWith(name) ? undefined : id.data;
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

/**
 * The commit that a reference is about. A branch comes before a tag: git takes the tag, and whoever puts a tag of the
 * branch's name there would choose what is audited.
 */
async function resolveRef(dir: string, ref: string, signal?: AbortSignal): Promise<CommitId | undefined> {
  const [, base = ''] = /^([^~^@]*)/.exec(ref) ?? [];
  const isExact = base === '' || base === 'HEAD' || base.startsWith('refs/') || FULL_ID.test(base);
  const names = isExact ? [ref] : [`refs/heads/${ref}`, `refs/remotes/origin/${ref}`, `refs/tags/${ref}`, ref];
  for (const name of names) {
    const id = await resolveCommit(dir, name, signal);
    if (id !== undefined) return id;
  }
  return undefined;
}

/**
 * Makes an empty repository that borrows another one's objects. So none of that one's settings hold: they may name
 * programs to run, and remotes to fetch from what a partial clone left out.
 */
async function viewObjects(
  { dir: from, ref = 'HEAD' }: Extract<AuditSource, { readonly dir: string }>,
  dir: string,
  signal?: AbortSignal,
): Promise<CommitId> {
  const unreadable = (detail: string) => new AuditError({ code: 'no_repository', where: from, detail });
  if ((await stat(from).catch(() => undefined)) === undefined) throw unreadable('there is no such folder');
  const args = ['rev-parse', '--path-format=absolute', '--show-object-format', '--is-shallow-repository', '--git-path'];
  const told = await runGit(from, [...args, 'objects'], { signal }).catch((error: unknown) => {
    throw error instanceof GitError ? unreadable(error.message) : error;
  });
  const [format, isShallow, ...objects] = told.trim().split('\n');
  if (format !== 'sha1') throw unreadable(`its objects are named by ${format}`);
  if (isShallow === 'true') throw unreadable(`${SHALLOW}; git fetch --unshallow completes it`);
  const tip = await resolveRef(from, ref, signal);
  if (tip === undefined) throw new AuditError({ code: 'no_history', ref });
  await mkdir(path.join(dir, 'refs'));
  await mkdir(path.join(dir, 'objects', 'info'), { recursive: true });
  await writeFile(path.join(dir, 'HEAD'), 'ref: refs/heads/none\n');
  await writeFile(path.join(dir, 'objects', 'info', 'alternates'), `${objects.join('\n')}\n`);
  const fault = await partialCloneFault({ from, dir, objects: objects.join('\n') }, tip, signal);
  if (fault !== undefined) throw unreadable(fault);
  return tip;
}

async function clone(
  source: Extract<AuditSource, { readonly remote: string }>,
  dir: string,
  signal?: AbortSignal,
): Promise<CommitId> {
  const { remote, branch } = source;
  if (branch !== undefined && !/^[\w][\w./-]{0,200}$/.test(branch)) {
    throw new AuditError({ code: 'bad_option', option: 'branch', detail: 'is no branch name' });
  }
  const chosen = branch === undefined ? [] : ['--branch', branch];
  const args = ['clone', '--quiet', '--bare', '--single-branch', '--no-tags', ...chosen, '--', remote, dir];
  try {
    await runGit(path.dirname(dir), args, { signal, timeoutMs: CLONE_MS, protocols: CLONE_PROTOCOLS, remote });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new AuditError({ code: 'no_repository', where: remote, detail: error.message });
  }
  // A host may hand out less than it has, without having been asked to.
  if ((await runGit(dir, ['rev-parse', '--is-shallow-repository'], { signal })).trim() !== 'false') {
    throw new AuditError({ code: 'no_repository', where: remote, detail: SHALLOW });
  }
  const tip = await resolveCommit(dir, 'HEAD', signal);
  if (tip === undefined) throw new AuditError({ code: 'no_history', ref: branch ?? 'HEAD' });
  return tip;
}
