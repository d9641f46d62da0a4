import { FaultError } from '@tiltyard/schema';

/** Why a repository could not be audited at all. */
export type AuditFault =
  | { readonly code: 'bad_option'; readonly option: string; readonly detail: string }
  | { readonly code: 'no_repository'; readonly where: string; readonly detail: string }
  | { readonly code: 'no_history'; readonly ref: string }
  /** There is a history, and nothing of what was asked for in it: nothing was checked. */
  | { readonly code: 'nothing'; readonly detail: string }
  | { readonly code: 'corrupt'; readonly object: string; readonly detail: string }
  | { readonly code: 'git'; readonly command: string; readonly detail: string };

/** Thrown when there is nothing to report on: exit status 2. Whatever a readable history holds is a finding instead. */
export class AuditError extends FaultError<AuditFault> {
  override readonly name = 'AuditError';
  constructor(fault: AuditFault) {
    super(fault, describe(fault));
  }
}

function describe(fault: AuditFault): string {
  switch (fault.code) {
    case 'bad_option':
      return `${fault.option}: ${fault.detail}`;
    case 'no_repository':
      return `${fault.where} cannot be read: ${fault.detail}`;
    case 'no_history':
      return `there is no commit at ${fault.ref}; --branch names another branch`;
    case 'nothing':
      return `nothing was checked: ${fault.detail}`;
    case 'corrupt':
      return `git object ${fault.object} is damaged: ${fault.detail}`;
    case 'git':
      return `git ${fault.command} failed: ${fault.detail}`;
  }
}
