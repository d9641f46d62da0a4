import { openFilesystemStore } from './filesystem-store.js';
import type { ObjectStore } from './interfaces.js';
import { openS3Store } from './s3-store.js';
import type { StoreConfig } from './store-config.js';

/**
 * Opens the store that the configuration names.
 *
 * @throws StoreError `bad_option`, `io`, `disk_full`
 */
export async function openStore(config: StoreConfig): Promise<ObjectStore> {
  switch (config.kind) {
    case 'filesystem':
      return await openFilesystemStore(config);
    case 's3':
      return openS3Store(config);
  }
}
