import { duplicateErrorCode, findDuplicates } from '@tiltyard/rules/gen3d';
import { type Hotkey, shortName } from '@tiltyard/schema';
import type { GenerationResult, Generations, Stem } from '@tiltyard/schema/gen3d';
import { type Compared, committedManifests } from './committed-manifests.js';
import type { Ports } from './ports.js';

/**
 * Marks every file that several miners submitted for one prompt, on all of them. Where a manifest, committed on chain
 * while miners generated, proves whose it is, the others' entries lose their preview.
 *
 * @see docs/rules.md#copies
 * @throws ChainError, StoreError when our side cannot tell whose a file is
 */
export async function flagDuplicates(
  ports: Ports,
  compared: Compared,
  submitted: ReadonlyMap<Hotkey, Generations>,
): Promise<ReadonlyMap<Hotkey, Generations>> {
  const suspects = new Set(findDuplicates(submitted).flatMap(({ hotkeys }) => hotkeys));
  if (suspects.size === 0) return submitted;
  const manifests = await committedManifests(ports, { ...compared, suspects });
  const result = new Map<Hotkey, Record<Stem, GenerationResult>>();
  for (const [hotkey, files] of submitted) result.set(hotkey, { ...files });
  for (const { stem, hotkeys, owner } of findDuplicates(submitted, manifests)) {
    for (const hotkey of hotkeys) {
      const files = result.get(hotkey);
      const entry = files?.[stem];
      if (files === undefined || entry === undefined) continue;
      const duplicates = hotkeys.filter((other) => other !== hotkey).map(shortName);
      files[stem] = owner === undefined || owner === hotkey ? { ...entry, duplicates } : lost(entry, duplicates, owner);
    }
  }
  return result;
}

function lost(entry: GenerationResult, duplicates: string[], owner: Hotkey): GenerationResult {
  const message = `${shortName(owner)} committed to this file on chain first`;
  return { ...entry, png: null, duplicates, error: { code: duplicateErrorCode(owner), message } };
}
