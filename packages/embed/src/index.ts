/** Embedder, Embedding, their ids and the logger they take. */

/** Bounds of the pictures that are decoded. */
export { IMAGE_LIMITS_DEFAULTS, type ImageLimits } from './decode-image.js';
/** The cosine distance of two embeddings of one embedder. */
export { distance } from './distance.js';
/** Every failure, coded. */
export { EmbedError, type EmbedFault } from './embed-error.js';
/** How many embeddings are kept, and where. */
export { CACHE_DEFAULTS, type CacheOptions } from './embedding-cache.js';
/** How to open DINOv3. */
export type { Dinov3Spec } from './engine.js';
export * from './interfaces.js';
/** Opens `descriptor-v1` or DINOv3 behind one interface, with bounds, a queue and a cache. */
export { EMBED_DEFAULTS, type EmbedderSpec, type EmbedOptions, openEmbedder } from './open-embedder.js';
