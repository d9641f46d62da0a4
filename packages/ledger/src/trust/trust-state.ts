import { isUtf8 } from 'node:buffer';
import {
  type Commit,
  isFile,
  mayChangeSigners,
  type ObjectId,
  signatureProblem,
  type TreeEntry,
  type VerifiedKey,
  verifyCommit,
  vouchesFor,
} from '@tiltyard/git';
import { type AllowedSigner, type CommitId, isFault, parseAllowedSigner } from '@tiltyard/schema';
import { fileValue } from '../file-text.js';
import type { ObjectDatabase } from '../git/object-database.js';
import { LedgerError } from '../ledger-error.js';
import { changedFiles, isSameEntry, TooManyChanges } from './changed-files.js';
import type { SignedPaths } from './signed-paths.js';
import { EVERYTHING, type Trust, type UnvouchedFile } from './trust.js';

/** Files that are noted one by one. A list of more helps no one, and pushing many files must not slow the walk down. */
const MAX_UNVOUCHED = 1_000;

/** What is known at a commit: its trust, and the tree that the next commit is compared with. */
export interface TrustState extends Trust {
  readonly tree: ObjectId;
}

/** Where trust is read, and what of. */
export interface TrustSource {
  readonly objects: ObjectDatabase;
  readonly paths: SignedPaths;
}

/** One commit, as the walk along the history sees it. */
export interface TrustStep {
  readonly id: CommitId;
  readonly commit: Pick<Commit, 'tree' | 'signature'>;
}

/**
 * What is known after the first commit: it names the repository's first keys.
 *
 * @throws LedgerError `corrupt`, as below.
 */
export async function firstTrust(source: TrustSource, { id, commit }: TrustStep): Promise<TrustState> {
  return adoptSigners(source, { signers: [], unvouched: [], tree: commit.tree }, id, commit.tree);
}

/**
 * What is known after one more commit.
 *
 * Until keys are listed everything counts. From then on, every file that the commit changes must be one that its key may
 * write by the list as it was before: no commit vouches for itself. What is not so is noted, with the tree in which the
 * file was last right, until the file is put back to that, or a key that may write it signs another content.
 */
export async function nextTrust(source: TrustSource, before: TrustState, step: TrustStep): Promise<TrustState> {
  const { tree } = step.commit;
  if (tree === before.tree) return before;
  const all = before.unvouched.find(({ path }) => path === EVERYTHING);
  if (all !== undefined) {
    // Later changes cannot be told apart from it; only the state before it ends it.
    const unvouched = tree === all.goodTree ? before.unvouched.filter((file) => file !== all) : before.unvouched;
    return { ...before, unvouched, tree };
  }
  if (before.signers.length === 0) return beforeKeys(source, before, step);
  try {
    return await judge(source, before, step);
  } catch (error) {
    const isUnreadable = isFault(error, LedgerError, 'malformed', 'too_large');
    if (!(error instanceof TooManyChanges) && !isUnreadable) throw error;
    const mark = { path: EVERYTHING, commit: step.id, problem: error.message, goodTree: before.tree };
    return { ...before, unvouched: [...before.unvouched, mark], tree };
  }
}

/** No keys yet: it only matters whether this commit brings some. One whose root cannot be read brings none. */
async function beforeKeys(source: TrustSource, before: TrustState, step: TrustStep): Promise<TrustState> {
  const { tree } = step.commit;
  const [old, now] = await Promise.all([before.tree, tree].map((root) => signersEntry(source, root)));
  if (now === 'unreadable') return before;
  const next = { ...before, tree };
  return old !== 'unreadable' && isSameEntry(old, now) ? next : adoptSigners(source, next, step.id, before.tree);
}

async function signersEntry(
  { objects, paths }: TrustSource,
  tree: ObjectId,
): Promise<TreeEntry | undefined | 'unreadable'> {
  try {
    return await objects.entryAt(tree, paths.signers.path);
  } catch (error) {
    if (isFault(error, LedgerError, 'malformed', 'too_large')) return 'unreadable';
    throw error;
  }
}

async function judge(source: TrustSource, before: TrustState, step: TrustStep): Promise<TrustState> {
  const { objects, paths } = source;
  const { tree, signature } = step.commit;
  const all = await changedFiles(objects, before.tree, tree, paths.mayLieIn);
  const changed = all.filter((path) => paths.mustSign(path) !== undefined);
  if (changed.length === 0) return { ...before, tree };
  const signers = signersOf(before.signers);
  const verified = verifyCommit(signature);
  const files = new Map(before.unvouched.map((file) => [file.path, file]));
  let next: TrustState = { ...before, tree };
  for (const path of changed) {
    if (vouchesFor(verified, signers, paths.mustSign(path) ?? [])) files.delete(path);
    else await note(objects, files, path, { before, step, signers, verified });
  }
  if (files.size > MAX_UNVOUCHED) throw new TooManyChanges(`no key vouches for more than ${MAX_UNVOUCHED} files`);
  next = { ...next, unvouched: [...files.values()] };
  const isNewList = changed.includes(paths.signers.path) && mayChangeSigners(verified, signers);
  return isNewList ? adoptSigners(source, next, step.id, before.tree) : next;
}

interface Judged {
  readonly before: TrustState;
  readonly step: TrustStep;
  readonly signers: readonly AllowedSigner[];
  readonly verified: VerifiedKey;
}

/** Notes a file that no key vouches for; one that is back as it was is vouched for by the key that signed that. */
async function note(
  objects: ObjectDatabase,
  files: Map<string, UnvouchedFile>,
  path: string,
  { before, step, signers, verified }: Judged,
): Promise<void> {
  const known = files.get(path);
  if (known === undefined) {
    const problem = signatureProblem(verified, signers);
    files.set(path, { path, commit: step.id, problem, goodTree: before.tree });
    return;
  }
  const [good, now] = [await objects.entryAt(known.goodTree, path), await objects.entryAt(step.commit.tree, path)];
  if (isSameEntry(good, now)) files.delete(path);
}

/** Takes over the keys that a commit lists. A list that cannot be read is no list: the one before it stays. */
async function adoptSigners(
  source: TrustSource,
  state: TrustState,
  commit: CommitId,
  goodTree: ObjectId,
): Promise<TrustState> {
  const { path: signersPath } = source.paths.signers;
  const others = state.unvouched.filter(({ path }) => path !== signersPath);
  try {
    return { ...state, signers: await readSigners(source, state.tree), unvouched: others };
  } catch (error) {
    if (!isFault(error, LedgerError, 'invalid', 'malformed', 'too_large')) throw error;
    const mark = { path: signersPath, commit, problem: error.message, goodTree };
    return { ...state, unvouched: [...others, mark] };
  }
}

async function readSigners({ objects, paths }: TrustSource, tree: ObjectId): Promise<readonly string[]> {
  const { file, path } = paths.signers;
  const entry = await objects.entryAt(tree, path);
  if (entry === undefined) return [];
  const content = isFile(entry) ? await objects.blob(entry.id, file.maxBytes, path) : Buffer.from([0xff]);
  if (!isUtf8(content)) {
    const detail = 'is no plain file of text';
    throw new LedgerError({ code: 'invalid', path, field: '', detail, cause: undefined });
  }
  const lines = fileValue(file, content.toString('utf8'), path);
  return lines.filter((line) => !line.startsWith('#'));
}

function signersOf(lines: readonly string[]): readonly AllowedSigner[] {
  return lines.flatMap((line) => parseAllowedSigner(line) ?? []);
}
