import { FaultError } from './failures/fault-error.js';

/** Why a text is not a valid state file. `field` is a dotted path into the document, empty for the document itself. */
export type FormatFault =
  | { readonly code: 'too_large'; readonly path: string; readonly sizeBytes: number; readonly limitBytes: number }
  | { readonly code: 'not_json'; readonly path: string; readonly detail: string }
  | { readonly code: 'not_csv'; readonly path: string; readonly line: number; readonly detail: string }
  | { readonly code: 'schema'; readonly path: string; readonly field: string; readonly detail: string }
  | { readonly code: 'unknown_version'; readonly path: string; readonly version: unknown };

/** A state file that cannot be read: says which file, which field, and why. */
export class FormatError extends FaultError<FormatFault> {
  override readonly name = 'FormatError';
  constructor(fault: FormatFault) {
    // Texts out of a file may be as long as the file.
    super(fault, describe(fault).slice(0, 1000));
  }
}

function describe(fault: FormatFault): string {
  switch (fault.code) {
    case 'too_large':
      return `${fault.path}: ${fault.sizeBytes} bytes exceed the limit of ${fault.limitBytes}`;
    case 'not_json':
      return `${fault.path}: not JSON: ${fault.detail}`;
    case 'not_csv':
      return `${fault.path}: line ${fault.line}: ${fault.detail}`;
    case 'schema':
      return `${fault.path}: ${fault.field === '' ? '' : `${fault.field.slice(0, 300)}: `}${fault.detail}`;
    case 'unknown_version':
      return `${fault.path}: format version ${JSON.stringify(fault.version)?.slice(0, 100)} is not known to this software`;
  }
}
