import type { Flaws } from './flaws.js';

/** Where sample miners get their objects from. */
export interface ObjectSource {
  /** Names of the objects, sorted; each is a valid prompt stem. */
  readonly names: readonly string[];
  /**
   * An object as a GLB: one mesh, Y up, within ±0.5. The same arguments give the same bytes.
   *
   * @param seed - What the wobble depends on; everything else follows from name and flaws.
   * @throws SampleError `unknown_object`
   */
  make(name: string, flaws: Flaws, seed: string): Promise<Uint8Array>;
}
