import type { AnyLine } from '@tiltyard/schema';
import type { OtherFormat } from '../other-format.js';

/** A line of a commit message, and what it announces. */
export interface MessageLine {
  readonly text: string;
  readonly announcement: AnyLine | undefined;
  /** Set for a line outside the grammar that services wrote in another era. */
  readonly other?: OtherLine | undefined;
}

/** A line that services wrote in other eras: whose it is, and which state files it announces. */
export interface OtherLine {
  readonly format: OtherFormat;
  readonly owners: readonly string[];
  /** The state files it announces; others of the same commit are for other lines to announce. */
  readonly files: readonly string[];
  readonly round: number | undefined;
}
