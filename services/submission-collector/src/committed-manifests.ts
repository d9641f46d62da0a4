import { ChainError, type Commitment } from '@tiltyard/chain';
import { type CommittedManifest, generationDeadline } from '@tiltyard/rules/gen3d';
import { type Hotkey, isFault, type Sha256 } from '@tiltyard/schema';
import {
  cdnFileUrl,
  Manifest,
  ManifestCommitment,
  type Prompt,
  type Stem,
  type Submissions,
} from '@tiltyard/schema/gen3d';
import { type RoundView, subnetOf } from '@tiltyard/service-kit/gen3d';
import { downloadBytes, StoreError, sha256Of } from '@tiltyard/store';
import type { Ports } from './ports.js';

/** Ten thousand prompts of 200 characters come to less. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
/** Manifests are small: one that takes longer counts as missing. All are fetched at the same time. */
const MANIFEST_TIMEOUT_MS = 30_000;

/** The round whose files are compared. */
export interface Compared {
  readonly view: RoundView;
  readonly submissions: Submissions;
  readonly prompts: readonly Prompt[];
}

/** Whose manifests are looked for. */
export interface ManifestsOf extends Compared {
  readonly suspects: ReadonlySet<Hotkey>;
}

/**
 * The manifests of the suspects that were committed on chain while miners generated, and are what was committed.
 *
 * @throws ChainError; StoreError `unavailable` when a manifest may be out of reach by our own network's fault: it would
 *   prove whose a file is, so nothing is decided without it.
 */
export async function committedManifests(ports: Ports, asked: ManifestsOf): Promise<readonly CommittedManifest[]> {
  const committed = await commitmentsInTime(ports, asked);
  const manifests = committed.map(async ({ hotkey, hash, block }) => {
    const url = cdnFileUrl(asked.submissions[hotkey]?.cdn_url ?? '', 'manifest.json');
    const files = await fetchManifest(ports, asked, url, hash);
    return files === undefined ? [] : [{ hotkey, committedAtBlock: block, files }];
  });
  return (await Promise.all(manifests)).flat();
}

/** Hashes that the suspects committed to, in clear, after the last reveal and by the generation deadline. */
async function commitmentsInTime({ chain, netuid: fallback }: Ports, { view, suspects }: ManifestsOf) {
  const { schedule, amended } = view;
  const deadline = generationDeadline(schedule, amended) ?? schedule.latest_reveal_block;
  const netuid = subnetOf(view, chain, fallback);
  const at = await chain.blockHash(deadline);
  const commitments = await chain.commitments(netuid, at).catch((error: unknown) => {
    if (!isFault(error, ChainError, 'state_discarded', 'unknown_block')) throw error;
    // Later commitments show by their block, and do not count.
    return chain.commitments(netuid);
  });
  return [...suspects].flatMap((hotkey) => {
    const commitment = commitments.get(hotkey);
    const hash = commitment === undefined ? undefined : manifestHash(commitment);
    if (commitment === undefined || hash === undefined || amended.excluded.has(hotkey)) return [];
    const { block } = commitment;
    return block > schedule.latest_reveal_block && block <= deadline ? [{ hotkey, hash, block }] : [];
  });
}

function manifestHash({ fields }: Commitment): Sha256 | undefined {
  const hashes = fields.flatMap((field) => {
    const parsed = field.kind === 'raw' ? ManifestCommitment.safeParse(parseJson(field.text)) : undefined;
    return parsed?.success ? [parsed.data.manifest] : [];
  });
  return hashes[0];
}

/** The manifest at a URL; undefined when its miner does not serve what it committed to. */
async function fetchManifest(
  ports: Ports,
  { prompts }: ManifestsOf,
  url: string,
  hash: Sha256,
): Promise<ReadonlyMap<Stem, Sha256> | undefined> {
  const { downloadConfig, network, log, signal } = ports;
  const sinceMs = performance.now();
  const { allowHosts } = downloadConfig;
  const options = { maxBytes: MAX_MANIFEST_BYTES, totalTimeoutMs: MANIFEST_TIMEOUT_MS, allowHosts, signal };
  const download = await downloadBytes(url, options);
  network.observe(url, download);
  if (!download.ok) {
    if (network.isDoubtful(download)) await network.askWitness(prompts, signal);
    if (network.isDoubtful(download) && !network.isProven(url, sinceMs)) {
      const cause = new Error(`${download.code}: ${download.message}`);
      throw new StoreError({ code: 'unavailable', operation: 'fetch', target: url, httpStatus: undefined, cause });
    }
    log.info({ url, reason: download.code }, 'a manifest proves nothing');
    return undefined;
  }
  const parsed = sha256Of(download.bytes) === hash ? Manifest.safeParse(parseJson(textOf(download.bytes))) : undefined;
  if (parsed?.success) return new Map(Object.entries(parsed.data) as [Stem, Sha256][]);
  log.info({ url, reason: 'it is not what was committed' }, 'a manifest proves nothing');
  return undefined;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
