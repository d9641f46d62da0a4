import { FaultError } from '@tiltyard/schema';

/** Why the public state cannot be worked on. An operator has to look. */
export type StateFault =
  | { readonly code: 'missing'; readonly path: string }
  | { readonly code: 'inconsistent'; readonly path: string; readonly detail: string }
  /** The rules want what this version cannot do. */
  | { readonly code: 'unsupported'; readonly path: string; readonly detail: string };

/** The repository lacks something that a service needs, or contradicts itself. */
export class StateError extends FaultError<StateFault> {
  override readonly name = 'StateError';
  constructor(fault: StateFault) {
    super(fault, fault.code === 'missing' ? `${fault.path} is missing` : `${fault.path}: ${fault.detail}`);
  }
}
