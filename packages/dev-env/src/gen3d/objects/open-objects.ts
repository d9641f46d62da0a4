import type { ObjectSource } from './object-source.js';
import { sampleObjects } from './sample-object-source.js';

/**
 * The objects of a folder of GLBs, or the gallery's when no folder is named.
 *
 * @throws SampleError `unreadable`, `no_objects`, `bad_object`
 */
export async function openObjects(directory: string | undefined): Promise<ObjectSource> {
  if (directory === undefined) return sampleObjects;
  // Loaded only when needed: it brings image codecs and a glTF library that the gallery does without.
  const { openGlbDirectory } = await import('./glb-directory-source.js');
  return openGlbDirectory(directory);
}
