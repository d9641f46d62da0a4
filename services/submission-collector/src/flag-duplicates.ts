import { createHash } from 'node:crypto';
import { isChainFault } from '@tiltyard/chain';
import { type CommittedManifest, duplicateErrorCode, findDuplicates, generationDeadline } from '@tiltyard/rules';
import {
  type GenerationResult,
  type Generations,
  type Hotkey,
  Sha256,
  Stem,
  type Submissions,
  shortName,
} from '@tiltyard/schema';
import { type RoundView, subnetOf } from '@tiltyard/service-kit';
import { downloadBytes } from '@tiltyard/store';
import { z } from 'zod';
import type { Ports } from './ports.js';

const ManifestCommitment = z.object({ manifest: Sha256 });
const Manifest = z.record(Stem, Sha256);
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/**
 * Marks every file that several miners submitted for one prompt, on all of them. Where a manifest, committed on chain
 * while miners generated, proves whose it is, the others' entries lose their preview.
 *
 * @see competition.md, section 5, copies
 */
export async function flagDuplicates(
  ports: Ports,
  view: RoundView,
  submitted: ReadonlyMap<Hotkey, Generations>,
  submissions: Submissions,
): Promise<ReadonlyMap<Hotkey, Generations>> {
  const hashes = new Map([...submitted].map(([hotkey, files]) => [hotkey, hashesOf(files)] as const));
  const suspects = new Set(findDuplicates(hashes).flatMap(({ hotkeys }) => hotkeys));
  if (suspects.size === 0) return submitted;
  const manifests = await committedManifests(ports, view, submissions, suspects);
  const result = new Map<Hotkey, Record<Stem, GenerationResult>>();
  for (const [hotkey, files] of submitted) result.set(hotkey, { ...files });
  for (const { stem, hotkeys, owner } of findDuplicates(hashes, manifests)) {
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

function hashesOf(files: Generations): ReadonlyMap<Stem, Sha256> {
  return new Map(
    (Object.entries(files) as [Stem, GenerationResult][]).flatMap(([stem, { glb, glb_sha256 }]) =>
      glb === null || glb_sha256 === undefined ? [] : [[stem, glb_sha256]],
    ),
  );
}

function lost(entry: GenerationResult, duplicates: string[], owner: Hotkey): GenerationResult {
  const message = `${shortName(owner)} committed to this file on chain first`;
  return { ...entry, png: null, duplicates, error: { code: duplicateErrorCode(owner), message } };
}

/** The manifests of the suspects that were committed in time and are what was committed. */
async function committedManifests(
  { chain, netuid: fallback, downloadConfig, log, signal }: Ports,
  view: RoundView,
  submissions: Submissions,
  suspects: ReadonlySet<Hotkey>,
): Promise<readonly CommittedManifest[]> {
  const { schedule, amended } = view;
  const deadline = generationDeadline(schedule, amended) ?? schedule.latest_reveal_block;
  const netuid = subnetOf(view, chain, fallback);
  const at = await chain.blockHash(deadline);
  const commitments = await chain.commitments(netuid, at).catch((error: unknown) => {
    if (!isChainFault(error, 'state_discarded', 'unknown_block')) throw error;
    // Later commitments are told by their block, and do not count.
    return chain.commitments(netuid);
  });
  const manifests: CommittedManifest[] = [];
  for (const hotkey of suspects) {
    const commitment = commitments.get(hotkey);
    const cdn = submissions[hotkey]?.cdn_url.replace(/\/+$/, '');
    if (commitment === undefined || cdn === undefined) continue;
    if (commitment.block <= schedule.latest_reveal_block || commitment.block > deadline) continue;
    const committed = commitment.fields.flatMap((field) => (field.kind === 'raw' ? manifestHash(field.text) : []))[0];
    if (committed === undefined) continue;
    const { timeoutMs: totalTimeoutMs, allowHosts } = downloadConfig;
    const options = { maxBytes: MAX_MANIFEST_BYTES, totalTimeoutMs, allowHosts, signal };
    const download = await downloadBytes(`${cdn}/manifest.json`, options);
    const files = download.ok ? readManifest(download.bytes, committed) : undefined;
    if (files !== undefined) manifests.push({ hotkey, committedAtBlock: commitment.block, files });
    else
      log.info(
        { hotkey, reason: download.ok ? 'it is not what was committed' : download.code },
        'a manifest proves nothing',
      );
  }
  return manifests;
}

function manifestHash(text: string): readonly Sha256[] {
  try {
    const parsed = ManifestCommitment.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data.manifest] : [];
  } catch {
    return [];
  }
}

function readManifest(bytes: Uint8Array, committed: Sha256): ReadonlyMap<Stem, Sha256> | undefined {
  if (createHash('sha256').update(bytes).digest('hex') !== committed) return undefined;
  try {
    const parsed = Manifest.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? new Map(Object.entries(parsed.data) as [Stem, Sha256][]) : undefined;
  } catch {
    return undefined;
  }
}
