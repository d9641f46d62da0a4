import type { Sha256 } from '@tiltyard/schema';
import type { ImageLimits } from '../decode-image.js';
import type { EmbedFault } from '../embed-error.js';

/** Messages to the embedding process. */
export type Request =
  | { readonly kind: 'load'; readonly modelFile: string; readonly sha256: Sha256 | undefined; readonly threads: number }
  | { readonly kind: 'embed'; readonly call: number; readonly image: Uint8Array; readonly limits: ImageLimits };

/** What it answers. A fault without a call ends it. */
export type Answer =
  | { readonly kind: 'ready'; readonly sha256: Sha256 }
  | { readonly kind: 'vector'; readonly call: number; readonly vector: Float32Array }
  | { readonly kind: 'fault'; readonly call: number | undefined; readonly fault: EmbedFault };
