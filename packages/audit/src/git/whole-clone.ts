import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startGit } from '@tiltyard/git';
import type { CommitId } from '@tiltyard/schema';
import { READING, runGit } from './run-git.js';

/** Where a repository was cloned with a filter, git says so in its settings, and marks the packs that it fetched. */
const PARTIAL_SETTINGS = /^(?:extensions\.partialclone|remote\..*\.(?:promisor|partialclonefilter))$/m;

/**
 * Why a repository is no whole clone, in words; undefined when it is one, or when git does not mark it as partial: a single
 * file that is lost is a finding.
 *
 * @param from - The repository itself.
 * @param dir - A view of its objects from which git fetches nothing.
 * @throws GitError `git`.
 */
export async function partialCloneFault(
  { from, dir, objects }: { readonly from: string; readonly dir: string; readonly objects: string },
  tip: CommitId,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (!(await isMarkedPartial(from, objects, signal))) return undefined;
  const missing = await firstMissing(dir, tip, signal);
  if (missing === undefined) return undefined;
  const first = missing.slice(0, 12);
  return `it is a partial clone, which lacks objects of its history (${first} is the first); clone it without --filter`;
}

async function isMarkedPartial(from: string, objects: string, signal?: AbortSignal): Promise<boolean> {
  const packs = await readdir(path.join(objects, 'pack')).catch(() => []);
  if (packs.some((name) => name.endsWith('.promisor'))) return true;
  const settings = await runGit(from, ['config', '--local', '--no-includes', '--list', '--name-only'], { signal });
  return PARTIAL_SETTINGS.test(settings);
}

/** The first object of a history that is not there. */
async function firstMissing(dir: string, tip: CommitId, signal?: AbortSignal): Promise<string | undefined> {
  const args = ['rev-list', '--objects', '--no-object-names', '--first-parent', '--missing=print', tip];
  await using listing = startGit(args, { dir, env: READING, signal });
  for await (const line of createInterface({ input: listing.child.stdout })) {
    if (line.startsWith('?')) return line.slice(1);
  }
  await listing.ended;
  return undefined;
}
