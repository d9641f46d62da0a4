import type { OtherFormat } from '../other-format.js';
import { isMachinery, MACHINERY } from './machinery.js';
import type { Paths } from './paths.js';

/** How many files of one kind, in one round, a commit touched. */
export interface OtherFileCount {
  readonly format: OtherFormat;
  /** Null outside any round. */
  readonly round: number | null;
  /** Files written or deleted. */
  readonly touched: number;
  /** Files that were not there before, less those deleted. */
  readonly added: number;
  /** The first of them. */
  readonly path: string;
}

/** Counts the files of a commit that the table does not have, without keeping their paths. */
export class OtherFileCounter {
  readonly #counts = new Map<string, OtherFileCount>();

  constructor(readonly paths: Pick<Paths, 'other'>) {}

  /** @param status - As git's raw format has it: `A` added, `D` deleted, anything else changed. */
  take(path: string, status: string): void {
    const format = isMachinery(path) ? MACHINERY : this.paths.other(path);
    if (format === undefined) return;
    const digits = /^rounds\/(0|[1-9]\d{0,5})\//.exec(path)?.[1];
    const round = digits === undefined ? null : Number(digits);
    const key = `${round} ${format.id}`;
    const known = this.#counts.get(key);
    const added = status === 'A' ? 1 : status === 'D' ? -1 : 0;
    this.#counts.set(key, {
      format,
      round,
      touched: (known?.touched ?? 0) + 1,
      added: (known?.added ?? 0) + added,
      path: known?.path ?? path,
    });
  }

  get counts(): readonly OtherFileCount[] {
    return [...this.#counts.values()];
  }
}
