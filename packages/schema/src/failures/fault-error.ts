/**
 * The base of every coded error: `fault` tells programs what happened, the message tells people.
 *
 * Each package has one subclass with a union of faults. A fault's `cause` becomes the error's.
 */
export abstract class FaultError<F extends { readonly code: string }> extends Error {
  constructor(
    readonly fault: F,
    message: string,
    options: ErrorOptions | undefined = 'cause' in fault ? { cause: fault.cause } : undefined,
  ) {
    super(message, options);
  }

  get code(): F['code'] {
    return this.fault.code;
  }
}

/**
 * Whether an error is of this class and has one of these codes; narrows its fault.
 *
 * @example
 * if (isFault(error, ChainError, 'too_soon')) return error.fault.blocksLeft;
 */
export function isFault<E extends FaultError<{ readonly code: string }>, C extends E['code']>(
  error: unknown,
  kind: abstract new (...args: never[]) => E,
  ...codes: readonly C[]
): error is E & { readonly fault: Extract<E['fault'], { readonly code: C }> } {
  return error instanceof kind && (codes as readonly string[]).includes(error.code);
}
