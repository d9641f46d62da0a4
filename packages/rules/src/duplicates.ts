import type { BlockNumber, Hotkey, Sha256, Stem } from '@tiltyard/schema';

/** What a hotkey submitted: prompt stem → sha256 of its GLB, for the files that were stored. */
export type SubmittedHashes = ReadonlyMap<Hotkey, ReadonlyMap<Stem, Sha256>>;

/**
 * A manifest that a miner committed to on chain while generation ran: proof that it had these files by then.
 * Only one whose bytes have the committed sha256 is one.
 */
export interface CommittedManifest {
  readonly hotkey: Hotkey;
  readonly committedAtBlock: BlockNumber;
  readonly files: ReadonlyMap<Stem, Sha256>;
}

/** A file that several hotkeys submitted for one prompt. */
export interface Duplicate {
  readonly stem: Stem;
  readonly sha256: Sha256;
  /** All that submitted it, sorted. */
  readonly hotkeys: readonly Hotkey[];
  /** Whose it is, when a manifest proves it. The others' entries lose their preview. */
  readonly owner: Hotkey | undefined;
}

/**
 * Finds the files that several hotkeys submitted for one prompt, and whose they are.
 *
 * Without a manifest nobody is the original: files appear after all reveals, so the order of reveals proves nothing. With
 * manifests, the file belongs to the one among its submitters that committed to it first; two in one block prove nothing.
 *
 * @returns sorted by stem, then by sha256.
 * @see competition.md, section 5, copies
 */
export function findDuplicates(
  submitted: SubmittedHashes,
  manifests: readonly CommittedManifest[] = [],
): readonly Duplicate[] {
  const groups = new Map<string, { stem: Stem; sha256: Sha256; hotkeys: Hotkey[] }>();
  for (const [hotkey, files] of submitted) {
    for (const [stem, sha256] of files) {
      const key = `${stem}\n${sha256}`;
      const group = groups.get(key) ?? { stem, sha256, hotkeys: [] };
      group.hotkeys.push(hotkey);
      groups.set(key, group);
    }
  }
  return [...groups]
    .filter(([, { hotkeys }]) => hotkeys.length > 1)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => ({
      ...group,
      hotkeys: group.hotkeys.toSorted(),
      owner: firstToCommit(group, manifests),
    }));
}

/** The code of the error that a copy's entry gets: it names whose file it is by ten characters of its hotkey. */
export function duplicateErrorCode(owner: Hotkey): string {
  return `duplicate_of:${owner.slice(0, 10)}`;
}

function firstToCommit(
  { stem, sha256, hotkeys }: { readonly stem: Stem; readonly sha256: Sha256; readonly hotkeys: readonly Hotkey[] },
  manifests: readonly CommittedManifest[],
): Hotkey | undefined {
  const claims = manifests.filter(({ hotkey, files }) => hotkeys.includes(hotkey) && files.get(stem) === sha256);
  const firstBlock = Math.min(...claims.map((claim) => claim.committedAtBlock));
  const first = new Set(claims.filter((claim) => claim.committedAtBlock === firstBlock).map((claim) => claim.hotkey));
  return first.size === 1 ? [...first][0] : undefined;
}
