import type { ExitStatus } from './exit-status.js';

/** What a command found: one JSON object for programs, a text for people, an exit status for scripts. */
export interface Outcome {
  /** Printed by `--json`. `ok` is added where it is missing. */
  readonly facts: object;
  /** What people read; ends without a line break. */
  readonly text: string;
  /** Printed on standard error: why the answer is no. */
  readonly complaint?: string;
  /** 0 unless said otherwise. */
  readonly exitStatus?: ExitStatus;
}
