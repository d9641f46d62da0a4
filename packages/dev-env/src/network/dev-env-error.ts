import { FaultError } from '@tiltyard/schema';

/** Why the local network could not be brought up, or fell over. */
export type DevEnvFault =
  | { readonly code: 'stalled'; readonly waitingFor: string; readonly seconds: number }
  /** A folder, a port: something of this machine that is needed and cannot be had. */
  | { readonly code: 'unusable'; readonly what: string; readonly detail: string }
  | { readonly code: 'bad_option'; readonly option: string; readonly detail: string };

/** The local network's failure. A process's failure is a `ProcessError`. */
export class DevEnvError extends FaultError<DevEnvFault> {
  override readonly name = 'DevEnvError';
  constructor(fault: DevEnvFault, options?: ErrorOptions) {
    super(fault, describe(fault), options);
  }
}

function describe(fault: DevEnvFault): string {
  switch (fault.code) {
    case 'stalled':
      return `nothing moved for ${fault.seconds} s while waiting for ${fault.waitingFor}`;
    case 'unusable':
      return `${fault.what}: ${fault.detail}`;
    case 'bad_option':
      return `${fault.option}: ${fault.detail}`;
  }
}
