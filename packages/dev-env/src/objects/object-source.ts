import type { Flaws } from './flaws.js';

/** Where sample miners get their objects from. */
export interface ObjectSource {
  /** Names of the objects, sorted. */
  readonly names: readonly string[];
  /**
   * An object as a GLB: one mesh, Y up, within ±0.5.
   *
   * @param seed - What the jitter depends on: the same name, flaws and seed give the same bytes.
   * @throws ObjectError `unknown_object`
   */
  make(name: string, flaws: Flaws, seed: string): Promise<Uint8Array>;
}
