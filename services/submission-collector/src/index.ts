/** What collects files: store, queues, a folder. */
export { type Collecting, type CollectingOptions, openCollecting } from './collecting.js';
/** Its configuration. */
export { type CollectorConfig, type DownloadConfig, readConfig } from './config.js';
/** The downloads of the present round, as far as this process knows. */
export { type Downloads, type DownloadsOptions, openDownloads } from './downloads.js';
/** What a tick works with. */
export type { Ports } from './ports.js';
/** One step of the service. */
export { tick } from './tick.js';
