import { FaultError } from '@tiltyard/schema';
import type { Prompt, PromptImage, Stem } from '@tiltyard/schema/gen3d';
import { type DownloadCode, downloadBytes, fetchObject } from '@tiltyard/store';
import { LRUCache } from 'lru-cache';

/** A round's prompt images, each downloaded once. */
export interface PromptImages {
  /**
   * The bytes of an image prompt: those that the round keeps, else (in rounds of before) those at its own address.
   *
   * @throws PromptImageError, StoreError when it cannot be had now
   */
  of(prompt: ImagePrompt, kept: PromptImage | undefined, signal: AbortSignal): Promise<Uint8Array>;
}

type ImagePrompt = Extract<Prompt, { kind: 'image' }>;

interface PromptImageFault {
  readonly code: DownloadCode;
  readonly stem: Stem;
  readonly detail: string;
}

/** A prompt image cannot be downloaded: our trouble (or the operator's), never a miner's. */
class PromptImageError extends FaultError<PromptImageFault> {
  override readonly name = 'PromptImageError';
  constructor(fault: PromptImageFault) {
    super(fault, `prompt ${fault.stem}: ${fault.code}: ${fault.detail}`);
  }
}

const MAX_IMAGE_BYTES = 20 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
/** A round has a few hundred prompts of about a megabyte; those of the round before are dropped. */
const MAX_KEPT = 512;

/** Opens a cache of prompt images. */
export function openPromptImages(allowHosts: readonly string[]): PromptImages {
  const images = new LRUCache<string, Promise<Uint8Array>>({ max: MAX_KEPT });
  async function download(
    prompt: ImagePrompt,
    kept: PromptImage | undefined,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    if (kept !== undefined) {
      const { url, sha256 } = kept;
      return await fetchObject(url, { sha256, maxBytes: MAX_IMAGE_BYTES, timeoutMs: TIMEOUT_MS, allowHosts, signal });
    }
    const options = { maxBytes: MAX_IMAGE_BYTES, totalTimeoutMs: TIMEOUT_MS, allowHosts, signal };
    const result = await downloadBytes(prompt.url, options);
    if (!result.ok) throw new PromptImageError({ code: result.code, stem: prompt.stem, detail: result.message });
    return result.bytes;
  }
  return {
    async of(prompt, kept, signal) {
      const url = kept?.url ?? prompt.url;
      const known = images.get(url);
      if (known !== undefined) return await known;
      const image = download(prompt, kept, signal);
      images.set(url, image);
      image.catch(() => images.delete(url));
      return await image;
    },
  };
}
