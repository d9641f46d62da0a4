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
/** Downloads the published weights into a model directory. */
export { FETCH_MODEL_DEFAULTS, type FetchModelOptions, fetchModel } from './model/fetch-model.js';
/** Takes a local model file into a model directory. */
export { type ImportedModel, importModel } from './model/import-model.js';
/** From the embedder id in a round's rules to how to open it. */
export { embedderSpec, type InstalledModel } from './model/model-directory.js';
/** The published DINOv3 weights: repository, revision, size, sha256. */
export { DINOV3_MODEL, type ModelSource } from './model/pinned-model.js';
/** Opens `descriptor-v1` or DINOv3 behind one interface, with bounds, a queue and a cache. */
export { EMBED_DEFAULTS, type EmbedderSpec, type EmbedOptions, openEmbedder } from './open-embedder.js';
