import { Sha256 } from '@tiltyard/schema';

/** One file at one revision of a Hugging Face repository. */
export interface ModelSource {
  readonly repository: string;
  readonly revision: string;
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/**
 * The one model file that `dinov3-vits16` means unless a round's rules say otherwise.
 *
 * Meta's licence forbids shipping it; everyone fetches it with their own Hugging Face account. Repository, revision,
 * size and sha256 are pinned together, so what arrives is either this file or an error.
 */
export const DINOV3_MODEL: ModelSource = {
  repository: 'facebook/dinov3-vits16-pretrain-lvd1689m',
  revision: '114c1379950215c8b35dfcd4e90a5c251dde0d32',
  file: 'model.safetensors',
  sizeBytes: 86_406_384,
  sha256: Sha256.parse('4610ad75edef83e75afdebf162d148dc628045ea6cbb83d67d4708c709c4f91d'),
};
