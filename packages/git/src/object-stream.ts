import type { GitEnvironment } from './git-environment.js';
import { GitError } from './git-error.js';
import { type ObjectId, objectHash } from './object-format.js';
import { type StartedGit, startGit } from './started-git.js';

/** What `git cat-file --batch` said of one object. */
export type ObjectAnswer =
  | { readonly kind: 'object'; readonly id: ObjectId; readonly type: string; readonly content: Buffer }
  /** Larger than is read: not held, but for its head where that was asked for. */
  | { readonly kind: 'too_large'; readonly id: ObjectId; readonly sizeBytes: number; readonly head?: Buffer }
  /** Not in this repository. */
  | { readonly kind: 'missing' };

/** How a stream reads. */
export interface ObjectStreamOptions {
  readonly env: GitEnvironment;
  /** Larger objects are not held. */
  readonly limitBytes: number;
  /** How long git may take over one answer before it is ended; without, as long as it likes. */
  readonly answerMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** How one object is read. */
export interface ReadOptions {
  readonly limitBytes?: number;
  /**
   * What becomes of an object that is too large: it is passed over (the default), its head is kept and all of it checked,
   * or the stream ends there, because a few megabytes of a pack may be gigabytes of an object.
   */
  readonly tooLarge?: 'skip' | 'head' | 'end';
}

const LINE_FEED = 0x0a;
const HEADER = /^([0-9a-f]{40}) (\w+) (\d+)$/;
const FULL_ID = /^[0-9a-f]{40}$/;
const MAX_HEADER_BYTES = 4096;

/**
 * Objects out of one `git cat-file --batch`, in the order in which they were asked for.
 *
 * Asking does not wait, so that git works ahead; reading takes from the pipe only what the next object needs, so that no
 * more than one object and a pipe's content are in memory. Git does not check a blob's hash when it reads one: this does.
 */
export class ObjectStream implements AsyncDisposable {
  readonly #process: StartedGit;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #asked: string[] = [];
  #next = 0;
  #rest: Buffer = Buffer.alloc(0);
  #last: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(
    dir: string,
    readonly options: ObjectStreamOptions,
  ) {
    this.#process = startGit(['cat-file', '--batch'], { dir, env: options.env, signal: options.signal });
    this.#chunks = this.#process.child.stdout[Symbol.asyncIterator]();
  }

  /** The id of its process. */
  get pid(): number | undefined {
    return this.#process.child.pid;
  }

  /** Asks for an object by its full id, or by a ref's full name. */
  ask(name: string): void {
    this.#asked.push(name);
    const { stdin } = this.#process.child;
    // What is asked for in one go is written in one go: each write costs more than what it asks for.
    if (stdin.writableCorked === 0) {
      stdin.cork();
      process.nextTick(() => stdin.uncork());
    }
    stdin.write(`${name}\n`, 'latin1');
  }

  /**
   * Asks for an object and reads it once all that was asked for before is read. For streams that are read in no other way.
   *
   * @throws GitError as {@link read}.
   */
  get(name: string, options?: ReadOptions): Promise<ObjectAnswer> {
    this.ask(name);
    const answer = this.#last.then(() => this.read(options));
    // Damage to one object is not told to who asked for another.
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** Tells git that no more questions come. */
  end(): void {
    this.#process.child.stdin.end();
  }

  /**
   * Waits for git to end, once all was read. Git answers for a damaged loose object as for one that is not there, and
   * only complains on the side.
   *
   * @throws GitError `corrupt`, `git`.
   */
  async ended(): Promise<void> {
    this.end();
    await this.#process.ended;
    const complaint = this.#process
      .complaints()
      .split('\n')
      .find((line) => line.startsWith('error: '));
    if (complaint === undefined) return;
    const object = /[0-9a-f]{40}/.exec(this.#process.complaints())?.[0] ?? 'of unknown name';
    throw new GitError({ code: 'corrupt', object, detail: complaint.slice(7, 300) });
  }

  /**
   * The answer to the oldest question that has not been read.
   *
   * @throws GitError `corrupt` when the content does not have the hash that names it; `git` when the process died or took
   *   too long; `closed` when the stream is over. The signal's reason when it aborts.
   */
  async read(options: ReadOptions = {}): Promise<ObjectAnswer> {
    const name = this.#asked[this.#next];
    if (name === undefined) throw new RangeError('nothing was asked for');
    this.#next += 1;
    if (this.#next > 4096) {
      this.#asked.splice(0, this.#next);
      this.#next = 0;
    }
    if (this.#isOver) throw new GitError({ code: 'closed' });
    const { answerMs } = this.options;
    if (answerMs === undefined) return await this.#answer(name, options);
    const watchdog = setTimeout(() => this.#process.child.kill('SIGKILL'), answerMs).unref();
    try {
      return await this.#answer(name, options);
    } finally {
      clearTimeout(watchdog);
    }
  }

  async #answer(
    name: string,
    { limitBytes = this.options.limitBytes, tooLarge = 'skip' }: ReadOptions,
  ): Promise<ObjectAnswer> {
    const corrupt = (detail: string) => new GitError({ code: 'corrupt', object: name, detail });
    const header = await this.#line();
    if (header.endsWith(' missing')) return { kind: 'missing' };
    const [, id = '', type = '', size] = HEADER.exec(header) ?? [];
    if (size === undefined) throw corrupt(header.slice(0, 200));
    const sizeBytes = Number(size);
    const hash = objectHash(type, sizeBytes);
    const check = () => {
      if (hash.digest('hex') !== id || (FULL_ID.test(name) && name !== id))
        throw corrupt('its content has another hash');
    };
    if (sizeBytes <= limitBytes) {
      const content = (await this.#take(sizeBytes + 1)).subarray(0, sizeBytes);
      hash.update(content);
      check();
      return { kind: 'object', id, type, content };
    }
    if (tooLarge === 'end') {
      this.#isOver = true;
      return { kind: 'too_large', id, sizeBytes };
    }
    if (tooLarge === 'skip') {
      await this.#skip(sizeBytes + 1);
      return { kind: 'too_large', id, sizeBytes };
    }
    const head = Buffer.from(await this.#take(limitBytes));
    hash.update(head);
    await this.#skip(sizeBytes - head.length, (part) => hash.update(part));
    await this.#skip(1);
    check();
    return { kind: 'too_large', id, sizeBytes, head };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#process[Symbol.asyncDispose]();
  }

  async #more(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next().catch(() => ({ value: undefined, done: true as const }));
    if (done === true) {
      this.options.signal?.throwIfAborted();
      if (this.#isOver) throw new GitError({ code: 'closed' });
      await this.#process.ended;
      throw new GitError({ code: 'git', command: 'cat-file', detail: 'ended before it had answered' });
    }
    return value;
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(LINE_FEED);
      if (end >= 0) {
        const line = this.#rest.toString('utf8', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (this.#rest.length > MAX_HEADER_BYTES) {
        throw new GitError({ code: 'git', command: 'cat-file', detail: 'answered without a header' });
      }
      this.#rest = Buffer.concat([this.#rest, await this.#more()]);
    }
  }

  async #take(count: number): Promise<Buffer> {
    if (this.#rest.length >= count) {
      const taken = this.#rest.subarray(0, count);
      this.#rest = this.#rest.subarray(count);
      return taken;
    }
    const parts = [this.#rest];
    for (let have = this.#rest.length; have < count; have += parts.at(-1)?.length ?? 0) parts.push(await this.#more());
    const joined = Buffer.concat(parts);
    this.#rest = joined.subarray(count);
    return joined.subarray(0, count);
  }

  async #skip(count: number, see: (part: Buffer) => void = () => {}): Promise<void> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0) this.#rest = await this.#more();
      const part = this.#rest.subarray(0, left);
      see(part);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
    }
  }
}
