import type { Announcement, ServiceName, StateFileName } from '@tiltyard/schema/gen3d';
import type { OtherFormat } from '../gen3d/legacy/other-format.js';

/** A line of a commit message, and what it announces. */
export interface MessageLine {
  readonly text: string;
  readonly announcement: Announcement | undefined;
  /** Set in the reference dialect, for a line outside the grammar that services wrote in another era. */
  readonly other?: OtherLine | undefined;
}

/** A line that services wrote in other eras: whose it is, and which state files it announces. */
export interface OtherLine {
  readonly format: OtherFormat;
  readonly owners: readonly ServiceName[];
  /** The state files it announces; others of the same commit are for other lines to announce. */
  readonly files: readonly StateFileName[];
  readonly round: number | undefined;
}
