/** The interface that every store implements. */

/** Objects in a folder: durable, written by any number of processes. */
export { type FilesystemStoreOptions, openFilesystemStore } from './filesystem-store.js';
export * from './interfaces.js';
/** Keys: named by content or by their writer; content types and caching follow from the key. */
export * from './object-key.js';
/** Opens the store that a configuration names. */
export { openStore } from './open-store.js';
/** `host:port` of a URL, as allow-lists name hosts. */
export { hostAndPort } from './public-url.js';
/** The SHA-256 of bytes in memory. */
export { sha256Of } from './read-content.js';
/** Objects in a bucket of S3, R2 or their like. */
export { openS3Store, type S3StoreOptions } from './s3-store.js';
/** Serves a folder of objects to the public over HTTP. */
export { type ServeStoreOptions, type StoreServer, serveStore } from './serve-store.js';
/** A store's configuration, and how it is read from the environment. */
export { readStoreConfig, StoreConfig } from './store-config.js';
/** The package's error, with its codes. */
export { isRetryable, StoreError, type StoreFault } from './store-error.js';
