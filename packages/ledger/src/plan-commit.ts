import { objectId } from '@tiltyard/git';
import { type CommitId, FormatError, OPERATOR, type PathEntry, type Standing } from '@tiltyard/schema';
import type { Publisher } from './compose-commit.js';
import type { Draft, DraftFile } from './draft.js';
import { pathOf } from './file-path.js';
import { asLedgerError, fileText } from './file-text.js';
import { LedgerError } from './ledger-error.js';
import { type CheckedCommit, checkCommit, type PlannedChange } from './registry-checks.js';
import { maySign } from './signing.js';
import { checkFormat, type Snapshot, unvouchedError } from './snapshot.js';
import { EVERYTHING } from './trust/trust.js';

/** Reads a commit as a snapshot. */
export type ReadCommit = (commit: CommitId) => Promise<Snapshot>;

/** What putting a draft on top of a tip would change; no files when the tip holds all of it already. */
export interface CommitPlan extends CheckedCommit {
  readonly files: ReadonlyMap<string, Buffer>;
}

/**
 * Checks whether a draft can be put on top of a tip, which may be newer than what it was derived from.
 *
 * @param at - Reads a commit as a snapshot.
 * @throws LedgerError `conflict` when another writer changed a path of the draft, `stale` when one changed a path that
 *   the draft requires, `unknown_version`, and whatever rule of the registry it breaks.
 */
export async function planCommit(
  draft: Draft,
  tip: Snapshot,
  publisher: Publisher,
  at: ReadCommit,
): Promise<CommitPlan> {
  await checkFormat(tip);
  const base = await at(draft.base.commit);
  const written = await Promise.all([...draft.files].map(([path, entry]) => plannedFile(path, entry, base, tip)));
  const open = written.filter((file) => file.text !== file.tipText);
  if (open.length === 0) return { files: new Map(), lines: [], warnings: [] };

  // What another writer did to a path is never merged, unless all that the draft wants is there already.
  const conflicts = written.filter((file) => file.moved).map((file) => file.change.path);
  if (conflicts.length > 0) throw new LedgerError({ code: 'conflict', paths: conflicts.sort(), tip: tip.commit });
  const stale = await stalePaths(draft, base, tip);
  if (stale.length > 0) throw new LedgerError({ code: 'stale', paths: stale, tip: tip.commit });

  const changes = open.map((file) => file.change);
  await checkVouched(draft, changes, tip, publisher);
  const checked = await checkAgainstTip(changes, tip, publisher);
  return { ...checked, files: new Map(open.map((file) => [file.change.path, Buffer.from(file.text, 'utf8')])) };
}

async function plannedFile(path: string, entry: DraftFile, base: Snapshot, tip: Snapshot) {
  const [baseId, tipId] = await Promise.all([base.blobId(path), tip.blobId(path)]);
  const { text } = entry;
  // Saves reading a file that is as the draft wants it.
  if (tipId === objectId('blob', Buffer.from(text, 'utf8'))) {
    const change: PlannedChange = { ...entry, path, before: entry.value, after: entry.value };
    return { change, text, tipText: text, moved: baseId !== tipId };
  }
  const tipText = await tip.readText(path);
  const before = tipText === undefined ? undefined : await tip.readFile(entry.file, path);
  const kept = tipText === undefined ? text : fileText(entry.file, path, entry.value, { text: tipText, value: before });
  const after = entry.file.parse(kept, path);
  return { change: { ...entry, path, before, after }, text: kept, tipText, moved: baseId !== tipId };
}

async function checkAgainstTip(
  changes: readonly PlannedChange[],
  tip: Snapshot,
  publisher: Publisher,
): Promise<CheckedCommit> {
  const { competition } = tip;
  const standing = await standingAt(tip, changes);
  await checkSigner(tip, publisher);
  return checkCommit({ competition, writer: publisher.service, standing, changes });
}

/** Where the competition stands at a commit. @throws LedgerError `invalid` when a file that says so is missing. */
async function standingAt(at: Snapshot, changes: Iterable<PathEntry>): Promise<Standing> {
  try {
    return await at.competition.standing((file, params) => at.readFile(file, pathOf(file, params)), [...changes]);
  } catch (error) {
    throw error instanceof FormatError ? asLedgerError(error) : error;
  }
}

/**
 * Refuses to build on what no key vouches for: the new commit's signature would vouch for it. A service may derive from any
 * file; an operator only from what the draft names, and replaces a file of their own as a whole.
 */
async function checkVouched(
  draft: Draft,
  changes: readonly PlannedChange[],
  tip: Snapshot,
  { service }: Publisher,
): Promise<void> {
  const { unvouched } = await tip.trust();
  if (unvouched.length === 0) return;
  const replaced = new Set(changes.filter(({ file }) => file.change.kind === 'manual').map(({ path }) => path));
  const used = new Set([...changes.map(({ path }) => path), ...draft.required]);
  const wrong = unvouched.filter(({ path }) => {
    if (replaced.has(path)) return false;
    return service !== OPERATOR || path === EVERYTHING || used.has(path);
  });
  if (wrong.length > 0) throw unvouchedError(wrong);
}

/** A repository that lists signers takes commits of listed keys only. */
async function checkSigner(tip: Snapshot, { service, signer }: Publisher): Promise<void> {
  const { signers } = await tip.trust();
  if (signers.length === 0) return;
  if (signer !== undefined && maySign(signers, signer.publicKey, service)) return;
  throw new LedgerError({
    code: 'not_signer',
    writer: service,
    key: signer?.publicKey ?? 'a commit without signature',
  });
}

/** The files that the draft was derived from and that have changed since. */
async function stalePaths(draft: Draft, base: Snapshot, tip: Snapshot): Promise<readonly string[]> {
  if (base.commit === tip.commit) return [];
  const standing = await standingAt(base, draft.files.values());
  const paths = new Set(draft.required);
  for (const file of draft.files.values()) for (const path of standing.derivedFrom(file)) paths.add(path);
  const stale: string[] = [];
  for (const path of paths) if ((await base.blobId(path)) !== (await tip.blobId(path))) stale.push(path);
  return stale.sort();
}
