import type { BuildJob } from '@tiltyard/rules/gen3d';
import type { Hotkey } from '@tiltyard/schema';
import type { Submissions } from '@tiltyard/schema/gen3d';

/** What a builder shows of a round's builds at one look. */
export interface WorkflowLook {
  readonly runComplete: boolean;
  readonly jobs: ReadonlyMap<Hotkey, BuildJob>;
  /** Why single builds could not be looked at. They are not among the jobs, and stay open. */
  readonly troubles?: readonly string[];
}

/** Where a round's images are built: GitHub Actions, or this machine. */
export interface BuildWorkflow {
  /** Looks at the round's run; undefined while there is none. Errors are ours and say nothing about a build. */
  look(round: number, submissions: Submissions, signal: AbortSignal): Promise<WorkflowLook | undefined>;
}
