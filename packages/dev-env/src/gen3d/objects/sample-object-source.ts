import type { Flaws } from './flaws.js';
import { GALLERY } from './gallery/gallery.js';
import { mergeParts } from './merge-parts.js';
import type { ObjectSource } from './object-source.js';
import { SampleError } from './sample-error.js';
import { shapesAt } from './shapes.js';
import { writeGlb } from './write-glb.js';

/** The objects of the gallery, built again each time. */
export const sampleObjects: ObjectSource = {
  names: [...GALLERY.keys()].sort(),
  make: async (name, flaws, seed) => makeSampleObject(name, flaws, seed),
};

/**
 * Builds an object of the gallery as a GLB: one mesh, Y up, within ±0.5. The same arguments give the same bytes.
 *
 * @param seed - What the wobble depends on.
 * @throws SampleError `unknown_object`
 */
export function makeSampleObject(name: string, flaws: Flaws, seed: string): Uint8Array {
  const build = GALLERY.get(name);
  if (!build) throw new SampleError({ code: 'unknown_object', name, known: [...GALLERY.keys()] });
  return writeGlb(mergeParts(build(shapesAt(flaws.detail)), flaws, { name, seed }), name);
}
