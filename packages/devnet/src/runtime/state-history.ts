import type { Hex } from '../scale/codec.js';

/** A storage key and its new value; null removes it. */
export type Change = readonly [key: Hex, value: Hex | null];

interface Version {
  readonly block: number;
  readonly value: Hex | null;
}

/** Every value that every key ever had, so that the state of any past block can be read. */
export class StateHistory {
  readonly #versions = new Map<Hex, Version[]>();
  #sortedKeys: readonly Hex[] | undefined;

  /** The value at a block, or undefined where the key has none there. */
  read(key: Hex, block: number): Hex | undefined {
    const versions = this.#versions.get(key);
    if (versions === undefined) return undefined;
    let low = 0;
    let high = versions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((versions[middle]?.block ?? 0) <= block) low = middle + 1;
      else high = middle;
    }
    return versions[low - 1]?.value ?? undefined;
  }

  /** Adds a block's changes. Blocks come in order of height. */
  apply(block: number, changes: Iterable<Change>): void {
    for (const [key, value] of changes) {
      const versions = this.#versions.get(key);
      if (versions === undefined) {
        this.#versions.set(key, [{ block, value }]);
        this.#sortedKeys = undefined;
      } else {
        versions.push({ block, value });
      }
    }
  }

  /** At most `count` keys with a value at a block that start with `prefix` and follow `after`, in order. */
  keys(prefix: Hex, block: number, count: number, after?: Hex): readonly Hex[] {
    this.#sortedKeys ??= [...this.#versions.keys()].sort();
    const found: Hex[] = [];
    for (let i = this.#firstAtLeast(prefix); i < this.#sortedKeys.length && found.length < count; i++) {
      const key = this.#sortedKeys[i];
      if (key === undefined || !key.startsWith(prefix)) break;
      if ((after === undefined || key > after) && this.read(key, block) !== undefined) found.push(key);
    }
    return found;
  }

  #firstAtLeast(prefix: Hex): number {
    const keys = this.#sortedKeys ?? [];
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((keys[middle] ?? '') < prefix) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
