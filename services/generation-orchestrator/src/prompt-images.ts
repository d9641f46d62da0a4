import type { Prompt, Stem } from '@tiltyard/schema';
import { downloadBytes } from '@tiltyard/store';

/** A round's prompt images, each downloaded once. */
export interface PromptImages {
  /** The bytes of an image prompt. @throws PromptImageError when it cannot be had now. */
  of(prompt: Extract<Prompt, { kind: 'image' }>, signal: AbortSignal): Promise<Uint8Array>;
}

/** A prompt image cannot be downloaded: our trouble (or the operator's), never a miner's. */
export class PromptImageError extends Error {
  override readonly name = 'PromptImageError';
  constructor(
    readonly stem: Stem,
    readonly code: string,
    detail: string,
  ) {
    super(`prompt ${stem}: ${code}: ${detail}`);
  }
}

const MAX_IMAGE_BYTES = 20 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
/** A round has a few hundred prompts of about a megabyte; those of the round before are dropped. */
const MAX_KEPT = 512;

/** Opens a cache of prompt images. */
export function openPromptImages(allowHosts: readonly string[]): PromptImages {
  const kept = new Map<string, Promise<Uint8Array>>();
  async function download(prompt: Extract<Prompt, { kind: 'image' }>, signal: AbortSignal): Promise<Uint8Array> {
    const options = { maxBytes: MAX_IMAGE_BYTES, totalTimeoutMs: TIMEOUT_MS, allowHosts, signal };
    const result = await downloadBytes(prompt.url, options);
    if (!result.ok) throw new PromptImageError(prompt.stem, result.code, result.message);
    return result.bytes;
  }
  return {
    async of(prompt, signal) {
      const known = kept.get(prompt.url);
      if (known !== undefined) return await known;
      const image = download(prompt, signal);
      kept.set(prompt.url, image);
      image.catch(() => kept.delete(prompt.url));
      const oldest = kept.keys().next().value;
      if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      return await image;
    },
  };
}
