import { EXIT, type ExitStatus } from './exit-status.js';

/** Why a command stopped, where no package below has its own word for it. */
export type CliFault =
  | { readonly code: 'usage'; readonly detail: string }
  | { readonly code: 'file'; readonly path: string; readonly detail: string }
  | { readonly code: 'not_there'; readonly what: string }
  | { readonly code: 'invalid'; readonly what: string; readonly detail: string }
  | { readonly code: 'refused'; readonly detail: string };

/** A command's own failure: `fault` tells programs what happened, the message tells people. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    readonly fault: CliFault,
    options?: ErrorOptions,
  ) {
    super(describe(fault), options);
  }

  get exitStatus(): ExitStatus {
    return this.fault.code === 'usage' ? EXIT.usage : EXIT.failed;
  }
}

function describe(fault: CliFault): string {
  switch (fault.code) {
    case 'usage':
    case 'refused':
      return fault.detail;
    case 'file':
      return `${fault.path}: ${fault.detail}`;
    case 'not_there':
      return `There is no ${fault.what}.`;
    case 'invalid':
      return `${fault.what}: ${fault.detail}`;
  }
}
