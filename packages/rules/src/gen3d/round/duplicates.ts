import type { BlockNumber, Hotkey, Sha256 } from '@tiltyard/schema';
import type { GenerationResult, Generations, Stem } from '@tiltyard/schema/gen3d';

/**
 * A manifest that a miner committed to on chain while generation ran: proof that it had these files by then.
 * Only one whose bytes have the committed sha256 is one.
 */
export interface CommittedManifest {
  readonly hotkey: Hotkey;
  readonly committedAtBlock: BlockNumber;
  /** Prompt stem → sha256 of the GLB. */
  readonly files: ReadonlyMap<Stem, Sha256>;
}

/** A file that several hotkeys submitted for one prompt. */
export interface Duplicate {
  readonly stem: Stem;
  /** All that submitted it, sorted. */
  readonly hotkeys: readonly Hotkey[];
  /** Whose it is, when a manifest proves it. The others' entries lose their preview. */
  readonly owner: Hotkey | undefined;
}

/** A stored file of one miner. */
interface Stored {
  readonly hotkey: Hotkey;
  readonly glb: Sha256;
  readonly png: Sha256 | undefined;
}

/**
 * Finds the files that several hotkeys submitted for one prompt, and whose they are. Files are the same where their bytes
 * are, or their pictures: a byte that draws nothing makes no other file.
 *
 * Without a manifest no one is the original: files appear after all reveals, so the order of reveals proves nothing. With
 * manifests, the file belongs to the one among its submitters that committed to it first, each to the bytes that it
 * submitted itself: a copier that adds a byte has a file that only it can have committed to, and later. Two in one
 * block prove nothing.
 *
 * @param submitted - What each hotkey submitted; files that were stored are compared.
 * @returns sorted by stem, then by hotkeys.
 * @see docs/rules.md#copies
 */
export function findDuplicates(
  submitted: ReadonlyMap<Hotkey, Generations>,
  manifests: readonly CommittedManifest[] = [],
): readonly Duplicate[] {
  const byStem = new Map<Stem, Stored[]>();
  for (const [hotkey, files] of submitted) {
    for (const [stem, { glb, glb_sha256, png_sha256 }] of Object.entries(files) as [Stem, GenerationResult][]) {
      if (glb === null || glb_sha256 === undefined) continue;
      const stored = byStem.get(stem) ?? [];
      byStem.set(stem, stored);
      stored.push({ hotkey, glb: glb_sha256, png: png_sha256 });
    }
  }
  const found = [...byStem].flatMap(([stem, stored]) =>
    alike(stored).map((group): Duplicate => {
      const hotkeys = group.map(({ hotkey }) => hotkey).toSorted();
      return { stem, hotkeys, owner: firstToCommit(stem, group, manifests) };
    }),
  );
  const order = ({ stem, hotkeys }: Duplicate) => `${stem}\n${hotkeys[0]}`;
  return found.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** The code of the error that a copy's entry gets: it names whose file it is by ten characters of its hotkey. */
export function duplicateErrorCode(owner: Hotkey): string {
  return `duplicate_of:${owner.slice(0, 10)}`;
}

/** Groups of two and more that are linked by equal bytes or pictures. */
function alike(stored: readonly Stored[]): readonly (readonly Stored[])[] {
  const groups = new Map<string, Stored[]>();
  for (const file of stored) {
    const linked = new Set(hashesOf(file).flatMap((hash) => groups.get(hash) ?? []));
    const group = [...linked, file];
    for (const hash of group.flatMap(hashesOf)) groups.set(hash, group);
  }
  return [...new Set(groups.values())].filter(({ length }) => length > 1);
}

function hashesOf({ glb, png }: Stored): readonly string[] {
  return png === undefined ? [`glb ${glb}`] : [`glb ${glb}`, `png ${png}`];
}

function firstToCommit(
  stem: Stem,
  group: readonly Stored[],
  manifests: readonly CommittedManifest[],
): Hotkey | undefined {
  const own = new Map(group.map(({ hotkey, glb }) => [hotkey, glb]));
  const claims = manifests.filter(({ hotkey, files }) => own.has(hotkey) && files.get(stem) === own.get(hotkey));
  const firstBlock = Math.min(...claims.map((claim) => claim.committedAtBlock));
  const first = new Set(claims.filter((claim) => claim.committedAtBlock === firstBlock).map((claim) => claim.hotkey));
  return first.size === 1 ? [...first][0] : undefined;
}
