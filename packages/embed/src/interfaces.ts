import { Sha256 } from '@tiltyard/schema';
import { EmbedderId } from '@tiltyard/schema/gen3d';

export { EmbedderId } from '@tiltyard/schema/gen3d';

/** Pictures are embedded at this width and height, in pixels. */
export const IMAGE_SIDE = 224;

/** The id of the weight-free embedder. */
export const DESCRIPTOR_V1: EmbedderId = EmbedderId.parse('descriptor-v1');

/** The id of DINOv3 ViT-S/16 with the model file of this sha256, behind the preprocessing of this package. */
export function dinov3Id(sha256: Sha256): EmbedderId {
  return EmbedderId.parse(`dinov3-vits16@sha256:${sha256}/pre1`);
}

/** The model's sha256 in a DINOv3 id, or undefined for the descriptor. */
export function modelSha256(id: EmbedderId): Sha256 | undefined {
  const hex = /@sha256:([0-9a-f]{64})\//.exec(id)?.[1];
  return hex === undefined ? undefined : Sha256.parse(hex);
}

/** A picture as a point on the unit sphere of its embedder. */
export interface Embedding {
  readonly embedderId: EmbedderId;
  /** Of unit length. The caller's own copy. */
  readonly vector: Float32Array;
}

/** Turns pictures into embeddings. Close it when done; it may own a process. */
export interface Embedder extends AsyncDisposable {
  readonly id: EmbedderId;
  /**
   * Embeds one PNG, JPEG or WebP file.
   *
   * @throws {EmbedError} when the picture or the machinery is at fault; there is never a made-up embedding.
   */
  embed(image: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<Embedding>;
  /** Stops at once: running calls fail with `closed`. Safe to call twice. */
  close(): Promise<void>;
}

/** What a log line needs; pino fits. */
export interface EmbedLogger {
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
}
