import { FaultError } from '@tiltyard/schema';

/** Why a process is not, or no longer, at work. */
export type ProcessFault =
  | { readonly code: 'not_ready'; readonly process: string; readonly seconds: number; readonly logFile: string }
  | { readonly code: 'exited'; readonly process: string; readonly status: string; readonly logFile: string };

/** A process's failure: names the process and its log. */
export class ProcessError extends FaultError<ProcessFault> {
  override readonly name = 'ProcessError';
  constructor(fault: ProcessFault) {
    super(fault, describe(fault));
  }
}

function describe({ process, logFile, ...fault }: ProcessFault): string {
  const what = fault.code === 'exited' ? `ended (${fault.status})` : `was not ready after ${fault.seconds} s`;
  return `${process} ${what}; its log is ${logFile}`;
}
