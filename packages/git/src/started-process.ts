import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Readable } from 'node:stream';

const CHANNEL = 'child_process';

/**
 * The process that simple-git starts and does not hand out: simple-git itself can only send SIGINT, which may be ignored.
 *
 * Node announces every process that it starts; ours is the one whose output simple-git then shows us.
 */
export class StartedProcess implements Disposable {
  #newest: ChildProcess | undefined;
  #ours: ChildProcess | undefined;
  readonly #note = (message: unknown) => {
    this.#newest = (message as { readonly process?: ChildProcess }).process;
  };

  /** Watches from now on. */
  constructor() {
    subscribe(CHANNEL, this.#note);
  }

  /** Recognises the process by its output. Called as soon as it was started. */
  recognise(stdout: Readable | NodeJS.ReadableStream): void {
    if (this.#newest?.stdout === stdout) this.#ours = this.#newest;
    this[Symbol.dispose]();
  }

  /** Ends it, whatever it thinks of that. */
  kill(): void {
    this.#ours?.kill('SIGKILL');
  }

  [Symbol.dispose](): void {
    unsubscribe(CHANNEL, this.#note);
    this.#newest = undefined;
  }
}
