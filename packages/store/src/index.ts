/** The interface that every store implements. */

/** Whether an address belongs to the public Internet. */
export { isPublicAddress } from './download/address-guard.js';
/** Whether the guard of our downloads lets an address through. */
export { checkHost, type HostCheck } from './download/check-host.js';
/** A bound in time that also follows the caller's own signal. */
export { type Deadline, startDeadline } from './download/deadline.js';
/** Why a download failed. */
export type { DownloadCode, FailedDownload } from './download/download-failure.js';
/** Waiting rooms in which the owner that used least so far goes first. */
export { type FairOptions, FairQueue, fairQueueClass } from './download/fair-queue.js';
/** Reads one of our objects by its public URL and checks it. */
export { FETCH_OBJECT_DEFAULTS, type FetchObjectOptions, fetchObject } from './download/fetch-object.js';
/** Downloads from addresses that strangers gave us: guarded, bounded, with codes that a miner can read. */
export {
  DOWNLOAD_DEFAULTS,
  type Downloaded,
  type DownloadOptions,
  downloadBytes,
  downloadToFile,
  HostAndPort,
} from './download/guarded-download.js';
/** At most so many tasks at once for each host. */
export { type HostGate, type HostGateOptions, type HostGateTurn, hostGate } from './download/host-gate.js';
/** How host names are resolved for a guarded download. */
export type { Lookup } from './download/pinned-connection.js';
/** How much a download brought, and how long the other side had us wait for it. */
export type { Transfer } from './download/transfer-watch.js';
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
