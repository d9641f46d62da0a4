import { FaultError } from '@tiltyard/schema';

/** What went wrong with a pod, its provider, or a generation. */
export type PodFault =
  /** The provider said no. `body`: the first 200 characters of its answer. */
  | { readonly code: 'rejected'; readonly provider: string; readonly status: number; readonly body: string }
  | { readonly code: 'unreachable'; readonly provider: string; readonly detail: string }
  | { readonly code: 'bad_answer'; readonly provider: string; readonly detail: string }
  /** `isAbsent`: the registry has no image of that name, which is not the image's fault. */
  | { readonly code: 'bad_image'; readonly image: string; readonly detail: string; readonly isAbsent?: true }
  | { readonly code: 'name_taken'; readonly name: string; readonly image: string }
  | { readonly code: 'ended'; readonly name: string; readonly detail: string }
  | { readonly code: 'not_deleted'; readonly names: readonly string[]; readonly detail: string }
  | { readonly code: 'not_healthy'; readonly url: string; readonly timeoutMs: number; readonly last: string }
  | { readonly code: 'timed_out'; readonly doing: string; readonly timeoutMs: number }
  /** The pod or the way to it is gone: another pod may do the prompt; no attempt is charged. */
  | { readonly code: 'pod_unreachable'; readonly url: string; readonly detail: string }
  /** The miner answered with a failure. `body`: the first 200 characters of it. */
  | { readonly code: 'miner_status'; readonly status: number; readonly body: string }
  /** The miner's answer is not HTTP, or its headers have no end. */
  | { readonly code: 'miner_protocol'; readonly detail: string }
  | { readonly code: 'overtime'; readonly hardLimitMs: number }
  | { readonly code: 'download_overtime'; readonly downloadMs: number }
  | { readonly code: 'too_large'; readonly maxBytes: number }
  | { readonly code: 'empty' };

/** Every failure of this package. */
export class PodError extends FaultError<PodFault> {
  override readonly name = 'PodError';
  constructor(fault: PodFault, options?: ErrorOptions) {
    super(fault, describe(fault), options);
  }
}

/**
 * Whether a failed generation counts as the miner's attempt. Everything else is an infrastructure failure, which is
 * never a verdict.
 */
export function isMinersFault(error: unknown): error is PodError {
  if (!(error instanceof PodError)) return false;
  switch (error.fault.code) {
    case 'miner_status':
    case 'miner_protocol':
    case 'overtime':
    case 'download_overtime':
    case 'too_large':
    case 'empty':
      return true;
    default:
      return false;
  }
}

/** Whether a pod did not come up by its image's doing: everything else is its provider's, or ours. */
export function isImagesFault(error: unknown): boolean {
  if (!(error instanceof PodError)) return false;
  const { fault } = error;
  return fault.code === 'not_healthy' || (fault.code === 'bad_image' && fault.isAbsent !== true);
}

/** How much of an answer is kept in an error. */
export const BODY_CHARACTERS = 200;

function describe(fault: PodFault): string {
  switch (fault.code) {
    case 'rejected':
      return `${fault.provider} answered ${fault.status}: ${fault.body}`;
    case 'unreachable':
      return `${fault.provider} cannot be reached: ${fault.detail}`;
    case 'bad_answer':
      return `${fault.provider} answered something unexpected: ${fault.detail}`;
    case 'bad_image':
      return `image ${fault.image} cannot be started: ${fault.detail}`;
    case 'name_taken':
      return `pod ${fault.name} already runs another image, ${fault.image}`;
    case 'ended':
      return `pod ${fault.name} ended: ${fault.detail}`;
    case 'not_deleted':
      return `not deleted: ${fault.names.join(', ')}: ${fault.detail}`;
    case 'not_healthy':
      return `${fault.url} was not healthy within ${fault.timeoutMs} ms: ${fault.last}`;
    case 'timed_out':
      return `${fault.doing} took longer than ${fault.timeoutMs} ms`;
    case 'pod_unreachable':
      return `the pod at ${fault.url} is gone: ${fault.detail}`;
    case 'miner_status':
      return `the miner answered ${fault.status}: ${fault.body}`;
    case 'miner_protocol':
      return `the miner's answer is not HTTP: ${fault.detail}`;
    case 'overtime':
      return `no answer within ${fault.hardLimitMs} ms`;
    case 'download_overtime':
      return `the model was not sent within ${fault.downloadMs} ms`;
    case 'too_large':
      return `the model has more than ${fault.maxBytes} bytes`;
    case 'empty':
      return 'the model has no bytes';
  }
}
