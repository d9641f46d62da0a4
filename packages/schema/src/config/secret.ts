import { z } from 'zod';

/** A value that must not reach a log, an error or a page: printed in any way, it says only that it is there. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it where it is used, never where something is described. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  /** What `util.inspect` and the console print. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

/** A text that is a secret from here on. */
export const SecretText = z.string().transform((text) => new Secret(text));
