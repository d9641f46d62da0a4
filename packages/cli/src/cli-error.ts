import { FaultError } from '@tiltyard/schema';

/** What can be wrong with a picture, in the embedder's words. */
export const PICTURE_FAULT_CODES = ['image_too_large', 'too_many_pixels', 'not_an_image', 'blank_image'] as const;
export type PictureFaultCode = (typeof PICTURE_FAULT_CODES)[number];

/** Why a command stopped, where no package below has its own word for it. */
export type CliFault =
  | { readonly code: 'usage'; readonly detail: string }
  | { readonly code: 'file'; readonly path: string; readonly detail: string }
  | { readonly code: PictureFaultCode; readonly path: string; readonly detail: string }
  | { readonly code: 'not_there'; readonly what: string }
  | { readonly code: 'invalid'; readonly what: string; readonly detail: string }
  | { readonly code: 'refused'; readonly detail: string }
  | {
      readonly code: 'wallet_missing' | 'wallet_password_needed' | 'wallet_wrong_password';
      readonly detail: string;
    };

/** A command's own failure. */
export class CliError extends FaultError<CliFault> {
  override readonly name = 'CliError';
  constructor(fault: CliFault, options?: ErrorOptions) {
    super(fault, describe(fault), options);
  }
}

function describe(fault: CliFault): string {
  switch (fault.code) {
    case 'usage':
    case 'refused':
    case 'wallet_missing':
    case 'wallet_password_needed':
    case 'wallet_wrong_password':
      return fault.detail;
    case 'file':
    case 'image_too_large':
    case 'too_many_pixels':
    case 'not_an_image':
    case 'blank_image':
      return `${fault.path}: ${fault.detail}`;
    case 'not_there':
      return `There is no ${fault.what}.`;
    case 'invalid':
      return `${fault.what}: ${fault.detail}`;
  }
}
