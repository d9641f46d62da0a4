import type { GitEnvironment } from './git-environment.js';
import { GitError } from './git-error.js';
import { type ObjectAnswer, ObjectStream } from './object-stream.js';

export interface ObjectReaderOptions {
  /** How long one object may take before the process is given up, 30 s by default. */
  readonly timeoutMs?: number;
  /** The environment of the git process. */
  readonly env: GitEnvironment;
}

const NAME = /^[\x21-\x7e]{1,1000}$/;
/** An object that ends so many processes is damaged. */
const MOST_DEATHS = 2;

/**
 * Reads objects through one long-lived `git cat-file --batch`, for as long as it is open.
 *
 * Requests are pipelined and answered in order. A process that dies is replaced and what it left unanswered is asked
 * again; an object that ends two processes is damaged.
 */
export class ObjectReader implements AsyncDisposable {
  #stream: ObjectStream | undefined;
  #isClosed = false;

  constructor(
    readonly dir: string,
    readonly options: ObjectReaderOptions,
  ) {}

  /**
   * Reads one object.
   *
   * @param name - An object id or a full ref name.
   * @param limitBytes - Larger objects are not read: their size is returned instead.
   * @throws GitError `corrupt` when the content does not have the hash that names it, or git cannot read it; `closed`
   *   after close.
   */
  async read(name: string, limitBytes: number): Promise<ObjectAnswer> {
    if (!NAME.test(name)) throw new RangeError(`not an object name: ${JSON.stringify(name)}`);
    for (let deaths = 0; ; ) {
      if (this.#isClosed) throw new GitError({ code: 'closed' });
      const { env, timeoutMs = 30_000 } = this.options;
      this.#stream ??= new ObjectStream(this.dir, { env, limitBytes, answerMs: timeoutMs });
      const stream = this.#stream;
      try {
        const answer = await stream.get(name, { limitBytes, tooLarge: 'end' });
        // The stream is in the middle of an unwanted object. Another process answers the requests behind it.
        if (answer.kind === 'too_large') await this.#replace(stream);
        return answer;
      } catch (error) {
        if (!(error instanceof GitError) || error.code === 'corrupt') throw error;
        // Answers come in order: the first that fails is what the process died of. A stream that we ended has not died.
        if (error.fault.code === 'git' && stream === this.#stream) deaths += 1;
        await this.#replace(stream);
        if (deaths === MOST_DEATHS) throw new GitError({ code: 'corrupt', object: name, detail: error.message });
      }
    }
  }

  /** The process's id while one runs; it is replaced when it dies. */
  get pid(): number | undefined {
    return this.#stream?.pid;
  }

  /** Ends the process. Unanswered requests are rejected with `closed`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#stream?.[Symbol.asyncDispose]();
  }

  async #replace(stream: ObjectStream): Promise<void> {
    if (this.#stream === stream) this.#stream = undefined;
    await stream[Symbol.asyncDispose]();
  }
}
