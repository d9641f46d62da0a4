import { openGlbDirectory } from './glb-directory-source.js';
import type { ObjectSource } from './object-source.js';
import { sampleObjects } from './sample-object-source.js';

/**
 * The objects of a folder of GLBs, or the gallery's when no folder is named.
 *
 * @throws SampleError `unreadable`, `no_objects`, `bad_object`
 */
export async function openObjects(directory: string | undefined): Promise<ObjectSource> {
  return directory === undefined ? sampleObjects : openGlbDirectory(directory);
}
