import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { GitCommandError, gitEnvironment, localIoFault, runGit } from '@tiltyard/git';
import { CommitId, isFault } from '@tiltyard/schema';
import { LedgerError } from '../ledger-error.js';
import type { LedgerLog } from '../ledger-log.js';
import { failureKind } from './failure-kind.js';
import { ObjectDatabase } from './object-database.js';
import { asLedgerError, isAncestor, type RemoteAccess, runRemoteGit, trackingRef } from './remote-access.js';
import { removeStaleLocks } from './stale-locks.js';

/** A clone's place and remote. */
export interface CloneFolder extends RemoteAccess {
  readonly dir: string;
  readonly log: LedgerLog;
}

const KEPT_QUARANTINES = 3;
/** The first ones stay: they show what happened, and a remote that is rewritten all the time must not fill the disk. */
const KEPT_EVIDENCE = 3;

/** Settings of a clone: no housekeeping behind our back, no hooks' folder of templates, no endless silent transfers. */
function settings(branch: string): readonly string[] {
  return [
    `remote.origin.fetch=refs/heads/${branch}:${trackingRef(branch)}`,
    'gc.auto=0',
    'maintenance.auto=false',
    'http.lowSpeedLimit=1',
    'http.lowSpeedTime=60',
  ].flatMap((setting) => ['--config', setting]);
}

/** Removes what processes that were killed while cloning left next to a clone. The caller owns the clone. */
export async function removeLeftovers(dir: string): Promise<void> {
  const parent = path.dirname(dir);
  for (const name of await readdir(parent).catch(() => [])) {
    if (name.startsWith(`${path.basename(dir)}.new-`))
      await rm(path.join(parent, name), { recursive: true, force: true });
  }
}

/** Removes what a fetch that was cut short leaves in a clone. The caller owns the clone, and nothing else runs in it. */
export async function removeCutTransfers(dir: string): Promise<void> {
  const objects = path.join(dir, 'objects');
  for (const folder of await readdir(objects).catch(() => [])) {
    for (const name of await readdir(path.join(objects, folder)).catch(() => [])) {
      if (/^tmp_(pack|idx|rev|obj)_/.test(name)) await rm(path.join(objects, folder, name), { force: true });
    }
  }
}

/**
 * The known tip of an existing clone, or undefined when there is no usable one.
 *
 * @throws LedgerError `bad_option` when the folder is a clone of another remote.
 */
export async function openExisting(folder: CloneFolder, signal?: AbortSignal): Promise<CommitId | undefined> {
  const { dir, remote, branch, log } = folder;
  if ((await stat(dir).catch(() => undefined)) === undefined || (await isShallow(dir))) return undefined;
  const began = new Date(Date.now() - process.uptime() * 1000);
  const removed = await removeStaleLocks(dir, began);
  if (removed.length > 0) log.warn({ dir, removed }, 'removed lock files that a killed process left');
  const env = gitEnvironment(folder.ambient);
  let url: string;
  try {
    const settings = { dir, env, timeoutMs: folder.timeoutMs, signal };
    url = (await runGit(['config', '--get', '--file', path.join(dir, 'config'), 'remote.origin.url'], settings)).trim();
  } catch (error) {
    if (error instanceof GitCommandError) return undefined;
    throw error;
  }
  if (url !== remote.url) {
    throw new LedgerError({ code: 'bad_option', option: 'dir', detail: `${dir} is a clone of ${url}` });
  }
  await using objects = new ObjectDatabase(dir, env);
  try {
    const tip = await objects.resolve(trackingRef(branch));
    if (tip === undefined) return undefined;
    await readFolder(objects, tip);
    return CommitId.parse(tip);
  } catch (error) {
    if (isFault(error, LedgerError, 'corrupt')) return undefined;
    throw error;
  }
}

/** Reads a commit's root, to see whether the clone has it. What the remote published as it stands is no damage. */
async function readFolder(objects: ObjectDatabase, commit: string): Promise<void> {
  try {
    await objects.tree((await objects.commit(commit)).tree);
  } catch (error) {
    if (!isFault(error, LedgerError, 'malformed', 'too_large')) throw error;
  }
}

/**
 * Clones into a folder of its own and puts that in the clone's place; what was there is moved aside.
 *
 * @param known - The last tip that was seen, which must be part of what the remote has now.
 * @returns where the old folder went, undefined when there was none.
 * @throws LedgerError `unreachable`, `no_branch`, `local_io`; `rewritten`, and then the new clone is kept next to the old
 *   one as evidence.
 */
export async function replaceClone(
  folder: CloneFolder,
  known: CommitId | undefined,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { dir, remote, branch } = folder;
  const fresh = `${dir}.new-${randomBytes(6).toString('hex')}`;
  try {
    const into = ['--bare', '--no-local', '--no-tags', '--single-branch', '--branch', branch, '--origin', 'origin'];
    const args = ['clone', '--quiet', ...into, ...settings(branch), '--', remote.url, fresh];
    await runRemoteGit(folder, path.dirname(dir), args, signal);
    if (await isShallow(fresh)) throw cutOff(folder);
    await refuseRewritten(folder, fresh, known, signal);
    return await swap(dir, fresh);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => {});
    throw asCloneError(error, folder);
  }
}

/** The tip that a damaged clone's ref file still names, if it is legible. */
export async function rawTip({ dir, branch }: CloneFolder): Promise<CommitId | undefined> {
  const loose = await readFile(path.join(dir, trackingRef(branch)), 'utf8').catch(() => '');
  const packed = await readFile(path.join(dir, 'packed-refs'), 'utf8').catch(() => '');
  const line = packed.split('\n').find((entry) => entry.endsWith(` ${trackingRef(branch)}`)) ?? '';
  return CommitId.safeParse(loose.trim()).data ?? CommitId.safeParse(line.slice(0, 40)).data;
}

/** An instant in a form that file and ref names allow. */
export function timestamp(): string {
  return new Date().toISOString().replace(/[:.]/g, '-');
}

async function refuseRewritten(folder: CloneFolder, fresh: string, known: CommitId | undefined, signal?: AbortSignal) {
  if (known === undefined) return;
  await using objects = new ObjectDatabase(fresh, gitEnvironment(folder.ambient));
  const found = CommitId.parse(await objects.resolve(trackingRef(folder.branch)));
  if (await isAncestor(folder, fresh, known, found, signal)) return;
  const evidence = await keepEvidence(folder.dir, fresh, found);
  const kept = evidence === undefined ? {} : { evidence };
  throw new LedgerError({ code: 'rewritten', remote: folder.remote.url, known, found, ...kept });
}

/** Keeps a clone of a rewritten remote, one for each tip. Returns where; undefined when there are enough already. */
async function keepEvidence(dir: string, fresh: string, found: CommitId): Promise<string | undefined> {
  const parent = path.dirname(dir);
  const prefix = `${path.basename(dir)}.evidence-`;
  const kept = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  const same = kept.find((name) => name.endsWith(`-${found.slice(0, 10)}`));
  if (same !== undefined) return path.join(parent, same);
  if (kept.length >= KEPT_EVIDENCE) return undefined;
  const evidence = path.join(parent, `${prefix}${timestamp()}-${found.slice(0, 10)}`);
  await rename(fresh, evidence);
  return evidence;
}

/**
 * Whether a clone lacks the beginning of its history. A clone is shallow without having asked for it where the remote is,
 * or says so: what is looked up in the history, such as when a file was announced, would come out otherwise.
 */
async function isShallow(dir: string): Promise<boolean> {
  return (await stat(path.join(dir, 'shallow')).catch(() => undefined)) !== undefined;
}

function cutOff({ remote }: CloneFolder): LedgerError {
  const detail = 'it hands out a history without its beginning: it is a shallow clone itself';
  return new LedgerError({ code: 'unreachable', remote: remote.url, kind: 'server', attempts: 1, detail });
}

async function swap(dir: string, fresh: string): Promise<string | undefined> {
  const old = (await stat(dir).catch(() => undefined)) !== undefined;
  const quarantine = `${dir}.quarantine-${timestamp()}`;
  if (old) await rename(dir, quarantine);
  await rename(fresh, dir);
  if (!old) return undefined;
  const parent = path.dirname(dir);
  const kept = (await readdir(parent)).filter((name) => name.startsWith(`${path.basename(dir)}.quarantine-`)).sort();
  for (const name of kept.slice(0, -KEPT_QUARANTINES))
    await rm(path.join(parent, name), { recursive: true, force: true });
  return quarantine;
}

function asCloneError(error: unknown, folder: CloneFolder): unknown {
  if (error instanceof GitCommandError) {
    // Damage that shows while cloning is the remote's, not ours.
    if (failureKind(error) !== 'corrupt') return asLedgerError(error, folder);
    const facts = { remote: folder.remote.url, kind: 'server', attempts: 1, detail: error.message } as const;
    return new LedgerError({ code: 'unreachable', ...facts });
  }
  if (error instanceof Error && 'syscall' in error) return new LedgerError(localIoFault('replacing the clone', error));
  return error;
}
