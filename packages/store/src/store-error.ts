import { FaultError } from '@tiltyard/schema';

/** Why a store, or a download of one of our own objects, could not do what was asked. Never a miner's fault. */
export type StoreFault =
  /** The key does not name an object of this kind. */
  | { code: 'bad_key'; key: string; detail: string }
  /** No object lies under the key or URL. */
  | { code: 'not_found'; key: string }
  /** The content is larger than the caller allows. Nothing of it is kept. */
  | { code: 'too_large'; key: string | undefined; limitBytes: number }
  /** The bytes are not those that the hash promises: a damaged object or a damaged transfer. */
  | { code: 'hash_mismatch'; key: string | undefined; expected: string; actual: string }
  /** The stream that was to be stored broke off. */
  | { code: 'content_failed'; cause: unknown }
  /** No space, quota or permitted file size is left. */
  | { code: 'disk_full'; operation: string; path: string; cause: unknown }
  /** The file system refused an operation for another reason. */
  | { code: 'io'; operation: string; path: string; errno: string; cause: unknown }
  /** The object storage refused our credentials or the operation. */
  | { code: 'denied'; operation: string; target: string; cause: unknown }
  /** The object storage or a public URL does not answer as it should; trying again may help. */
  | { code: 'unavailable'; operation: string; target: string; httpStatus: number | undefined; cause: unknown }
  /** The process has no file descriptors, memory or buffers left for another connection. */
  | { code: 'out_of_resources'; operation: string; errno: string; cause: unknown }
  /** The configuration is not usable. */
  | { code: 'bad_option'; option: string; detail: string };

/** The one error that this package throws. */
export class StoreError extends FaultError<StoreFault> {
  override readonly name = 'StoreError';

  constructor(fault: StoreFault) {
    super(fault, describe(fault));
  }
}

const RETRYABLE: ReadonlySet<StoreFault['code']> = new Set([
  'hash_mismatch',
  'content_failed',
  'disk_full',
  'io',
  'unavailable',
  'out_of_resources',
]);

/** Whether the same call may succeed later with the request unchanged. */
export function isRetryable(error: unknown): boolean {
  return error instanceof StoreError && RETRYABLE.has(error.code);
}

/** The system's name of an error (`ENOSPC`, `ECONNRESET`, …), or undefined where it has none. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Turns what the file system threw into a coded error. Coded errors pass unchanged. */
export function fileFault(error: unknown, operation: string, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const errno = errnoOf(error) ?? 'unknown';
  if (errno === 'ENOSPC' || errno === 'EDQUOT' || errno === 'EFBIG') {
    return new StoreError({ code: 'disk_full', operation, path, cause: error });
  }
  return new StoreError({ code: 'io', operation, path, errno, cause: error });
}

function describe(fault: StoreFault): string {
  switch (fault.code) {
    case 'bad_key':
      return `${JSON.stringify(fault.key)} is not an object key: ${fault.detail}`;
    case 'not_found':
      return `there is no object ${fault.key}`;
    case 'too_large':
      return `${fault.key ?? 'the content'} is larger than ${fault.limitBytes} bytes`;
    case 'hash_mismatch':
      return `${fault.key ?? 'the content'} has sha256 ${fault.actual}, not ${fault.expected}`;
    case 'content_failed':
      return `the content to be stored broke off: ${messageOf(fault.cause)}`;
    case 'disk_full':
      return `no space left for ${fault.path} (${fault.operation}): ${messageOf(fault.cause)}`;
    case 'io':
      return `${fault.operation} of ${fault.path} failed: ${messageOf(fault.cause)}`;
    case 'denied':
      return `${fault.operation} of ${fault.target} was denied: ${messageOf(fault.cause)}`;
    case 'unavailable':
      return `${fault.operation} of ${fault.target} failed${fault.httpStatus === undefined ? '' : ` with HTTP ${fault.httpStatus}`}: ${messageOf(fault.cause)}`;
    case 'out_of_resources':
      return `${fault.operation} failed for want of local resources (${fault.errno})`;
    case 'bad_option':
      return `store configuration: ${fault.option}: ${fault.detail}`;
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
