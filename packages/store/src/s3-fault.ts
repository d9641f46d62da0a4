import { StoreError } from './store-error.js';

/** What was being done when an S3 call failed. */
export interface S3Attempt {
  readonly operation: string;
  readonly target: string;
  readonly key: string;
}

/** Whether S3 said that there is no such object (a missing bucket is an error of configuration, not this). */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound');
}

/** Turns what the S3 client threw into a coded error. Coded errors pass, naming the key they are about. */
export function s3Fault(error: unknown, { operation, target, key }: S3Attempt): StoreError {
  if (error instanceof StoreError) {
    const { fault } = error;
    if (fault.code === 'too_large') return new StoreError({ ...fault, key });
    // A body that breaks off: the service's trouble, not the caller's content.
    if (fault.code === 'content_failed') {
      return new StoreError({ code: 'unavailable', operation, target, httpStatus: undefined, cause: error });
    }
    return error;
  }
  const httpStatus = httpStatusOf(error);
  if (httpStatus === 401 || httpStatus === 403)
    return new StoreError({ code: 'denied', operation, target, cause: error });
  return new StoreError({ code: 'unavailable', operation, target, httpStatus, cause: error });
}

function httpStatusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
