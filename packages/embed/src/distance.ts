import { EmbedError } from './embed-error.js';
import type { Embedding } from './interfaces.js';
import { lengthOf } from './unit-length.js';

/** How far float32 rounding may leave a stored vector from unit length. */
const UNIT_TOLERANCE = 1e-4;

/**
 * The cosine distance of two pictures: 1 - dot product, in [0, 2]; 0 is the same direction.
 *
 * Rounding is clamped into the range; anything that is not two unit vectors of one embedder is an error, since a
 * made-up number could acquit or convict a miner.
 *
 * @throws {EmbedError} `different_embedders`, `bad_vector`.
 */
export function distance(left: Embedding, right: Embedding): number {
  if (left.embedderId !== right.embedderId) {
    throw new EmbedError({ code: 'different_embedders', left: left.embedderId, right: right.embedderId });
  }
  assertUnit(left.vector);
  assertUnit(right.vector);
  if (left.vector.length !== right.vector.length) {
    throw new EmbedError({ code: 'bad_vector', detail: `lengths ${left.vector.length} and ${right.vector.length}` });
  }
  let dot = 0;
  for (let i = 0; i < left.vector.length; i++) dot += (left.vector[i] as number) * (right.vector[i] as number);
  return Math.min(2, Math.max(0, 1 - dot));
}

/**
 * Refuses a vector that is empty, not finite, or not of unit length.
 *
 * @throws {EmbedError} `bad_vector`.
 */
export function assertUnit(vector: Float32Array): void {
  const length = lengthOf(vector);
  // Written so that NaN fails too.
  if (!(Math.abs(length - 1) <= UNIT_TOLERANCE)) {
    throw new EmbedError({ code: 'bad_vector', detail: `${vector.length} numbers of length ${length}` });
  }
}
