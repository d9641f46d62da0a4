import { FaultError } from '@tiltyard/schema';

/** Why there is no embedding, no distance or no model. A distance that failed is never 0 and never 2. */
export type EmbedFault =
  | { readonly code: 'image_too_large'; readonly sizeBytes: number; readonly maxBytes: number }
  | { readonly code: 'too_many_pixels'; readonly width: number; readonly height: number; readonly maxPixels: number }
  | { readonly code: 'not_an_image'; readonly detail: string }
  | { readonly code: 'blank_image' }
  | { readonly code: 'different_embedders'; readonly left: string; readonly right: string }
  | { readonly code: 'bad_vector'; readonly detail: string }
  | { readonly code: 'bad_model'; readonly file: string; readonly detail: string }
  | { readonly code: 'model_mismatch'; readonly file: string; readonly expected: string; readonly actual: string }
  | { readonly code: 'download_failed'; readonly url: string; readonly status?: number; readonly detail: string }
  | { readonly code: 'worker_failed'; readonly detail: string }
  | { readonly code: 'timed_out'; readonly doing: string; readonly timeoutMs: number }
  | { readonly code: 'closed' };

/** Every failure of this package. */
export class EmbedError extends FaultError<EmbedFault> {
  override readonly name = 'EmbedError';
  constructor(fault: EmbedFault, options?: ErrorOptions) {
    super(fault, describe(fault), options);
  }
}

function describe(fault: EmbedFault): string {
  switch (fault.code) {
    case 'image_too_large':
      return `the image has ${fault.sizeBytes} bytes; at most ${fault.maxBytes} are read`;
    case 'too_many_pixels':
      return `the image is ${fault.width}x${fault.height}; at most ${fault.maxPixels} pixels are decoded`;
    case 'not_an_image':
      return `not a readable PNG, JPEG or WebP image: ${fault.detail}`;
    case 'blank_image':
      return 'the image is blank: it has nothing to compare';
    case 'different_embedders':
      return `embeddings of ${fault.left} and of ${fault.right} cannot be compared`;
    case 'bad_vector':
      return `not an embedding: ${fault.detail}`;
    case 'bad_model':
      return `${fault.file}: not a usable DINOv3 ViT-S/16 model: ${fault.detail}`;
    case 'model_mismatch':
      return `${fault.file}: sha256 is ${fault.actual}, expected ${fault.expected}`;
    case 'download_failed':
      return `${fault.url}: ${fault.status === undefined ? '' : `HTTP ${fault.status}: `}${fault.detail}`;
    case 'worker_failed':
      return `the embedding process failed: ${fault.detail}`;
    case 'timed_out':
      return `${fault.doing} took longer than ${fault.timeoutMs} ms`;
    case 'closed':
      return 'the embedder is closed';
  }
}
