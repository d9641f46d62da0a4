import { readImageHeader } from '@tiltyard/render';
import {
  PICTURE_TYPES,
  type PictureType,
  type Prompt,
  type PromptImage,
  type PromptImages,
  type Stem,
} from '@tiltyard/schema/gen3d';
import { downloadBytes, type ObjectStore } from '@tiltyard/store';
import PQueue from 'p-queue';

/** Fetches the pictures of a round's prompts and keeps them by content, each once for a draw. */
export interface PromptPictures {
  /**
   * Every picture of these prompts that can be had now, and why the others cannot. While a host is out of reach, not all
   * others are asked.
   *
   * @throws StoreError, the signal's reason
   */
  keep(prompts: readonly Prompt[], signal: AbortSignal): Promise<KeptPictures>;
}

export interface KeptPictures {
  readonly images: PromptImages;
  readonly missing: readonly MissingPicture[];
  /** Whether every picture is there. */
  readonly complete: boolean;
}

/** A picture that is not to be had, or is none. */
export interface MissingPicture {
  readonly stem: Stem;
  readonly url: string;
  readonly reason: string;
}

/** What a prompt's picture may be: evidence that everyone can fetch and look at. */
const MAX_PICTURE_BYTES = 16 * 1024 * 1024;
const MAX_EDGE_PX = 4096;
/** They are small, and their host is the operator's. A round waits for one that takes longer. */
const TIMEOUT_MS = 20_000;
/** Pictures that are fetched, and in memory, at once. */
const AT_ONCE = 4;

type ImagePrompt = Extract<Prompt, { kind: 'image' }>;

/** Opens an empty book of pictures. */
export function openPromptPictures(store: ObjectStore, allowHosts: readonly string[]): PromptPictures {
  const known = new Map<string, PromptImage>();
  let draw = '';

  /** @returns why there is no picture at its address; undefined where it is kept now. */
  async function fetchOne({ url }: ImagePrompt, signal: AbortSignal): Promise<Refusal | undefined> {
    const options = { maxBytes: MAX_PICTURE_BYTES, totalTimeoutMs: TIMEOUT_MS, allowHosts, signal };
    const download = await downloadBytes(url, options);
    if (!download.ok) return { reason: `${download.code}: ${download.message}`, isOutage: download.retryable };
    const { bytes, sha256 } = download;
    const checked = checkPicture(bytes);
    if ('reason' in checked) return { ...checked, isOutage: false };
    const put = { contentType: checked.type, maxBytes: MAX_PICTURE_BYTES, expectSha256: sha256, signal };
    const stored = await store.put(bytes, put);
    known.set(url, { url: stored.url, sha256, type: checked.type, bytes: bytes.byteLength });
    return undefined;
  }

  return {
    async keep(prompts, signal) {
      const wanted = prompts.filter((prompt) => prompt.kind === 'image');
      const asked = wanted.map(({ url }) => url).join('\n');
      // Of a prompt that is drawn again, evidence is what lies there by then.
      if (asked !== draw) known.clear();
      draw = asked;
      const missing: MissingPicture[] = [];
      const queue = new PQueue({ concurrency: AT_ONCE });
      let isOutage = false;
      const fetched = wanted
        .filter(({ url }) => !known.has(url))
        .map((prompt) =>
          queue.add(async () => {
            if (isOutage) return;
            const refusal = await fetchOne(prompt, signal);
            if (refusal === undefined) return;
            isOutage ||= refusal.isOutage;
            missing.push({ stem: prompt.stem, url: prompt.url, reason: refusal.reason });
          }),
        );
      for (const one of await Promise.allSettled(fetched)) if (one.status === 'rejected') throw one.reason;
      const entries = wanted.flatMap(({ stem, url }): [Stem, PromptImage][] => {
        const image = known.get(url);
        return image === undefined ? [] : [[stem, image]];
      });
      return {
        images: Object.fromEntries(entries) as PromptImages,
        missing,
        complete: entries.length === wanted.length,
      };
    },
  };
}

interface Refusal {
  readonly reason: string;
  /** Whether other pictures of this host would fail now, too: then we do not wait for a time-out for each of them. */
  readonly isOutage: boolean;
}

/** Looks at the first bytes of what should be a picture; nothing is decoded. */
function checkPicture(bytes: Uint8Array): { readonly type: PictureType } | { readonly reason: string } {
  const header = readImageHeader(bytes);
  const type = header.kind === 'image' ? PICTURE_TYPES.find((name) => name === `image/${header.format}`) : undefined;
  if (header.kind !== 'image' || type === undefined) return { reason: 'it is no PNG, JPEG or WebP' };
  const { width, height } = header;
  if (width <= MAX_EDGE_PX && height <= MAX_EDGE_PX) return { type };
  return { reason: `it has ${width} × ${height} pixels, more than ${MAX_EDGE_PX} × ${MAX_EDGE_PX}` };
}
