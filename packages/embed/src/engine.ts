import type { Sha256 } from '@tiltyard/schema';
import type { ImageLimits } from './decode-image.js';
import type { EmbedderId } from './interfaces.js';

/** What an embedder computes with; the rest (bounds, cache, queue) is the same for all. */
export interface Engine extends AsyncDisposable {
  readonly id: EmbedderId;
  compute(image: Uint8Array, limits: ImageLimits): Promise<Float32Array>;
}

/** DINOv3 ViT-S/16 on the CPU, in a process of its own. */
export interface Dinov3Spec {
  readonly kind: 'dinov3';
  /** The published model.safetensors, or an ONNX export with input `pixel_values` and output `pooler_output`. */
  readonly modelFile: string;
  /** Refuse any other file. Take it from the round's rules; undefined accepts the file and names the id after it. */
  readonly sha256?: Sha256;
  /** CPU threads of one inference. The result does not depend on it. */
  readonly threads?: number;
  /** The longest that loading the model may take, in milliseconds. */
  readonly loadTimeoutMs?: number;
  /** The longest that one picture may take, in milliseconds; a process that needs longer is killed. */
  readonly timeoutMs?: number;
}
