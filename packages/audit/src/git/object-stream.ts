import { createHash } from 'node:crypto';
import { AuditError } from '../audit-error.js';
import { type GitProcess, startGit } from './git-process.js';

/** What `git cat-file --batch` said of one object. */
export type ObjectAnswer =
  | { readonly kind: 'object'; readonly type: string; readonly content: Buffer }
  /** Larger than is read; it was passed over without being held, but for its head where that was asked for. */
  | { readonly kind: 'too_large'; readonly sizeBytes: number; readonly head?: Buffer }
  /** Not in this repository: a shallow or partial clone. */
  | { readonly kind: 'missing' };

/** How an object is read. */
export interface ReadOptions {
  /** True gives the beginning of an object that is too large, as much as is read of any. */
  readonly withHead?: boolean;
}

const LINE_FEED = 0x0a;
const HEADER = /^([0-9a-f]{40}) (\w+) (\d+)$/;
const MAX_HEADER_BYTES = 4096;

/**
 * Objects out of one `git cat-file --batch`, in the order in which they were asked for.
 *
 * Asking does not wait, so that git works ahead; reading takes from the pipe only what the next object needs, so that no
 * more than one object and a pipe's content are in memory. Git does not check a blob's hash when it reads one: this does.
 */
export class ObjectStream implements AsyncDisposable {
  readonly #process: GitProcess;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #asked: string[] = [];
  #next = 0;
  #rest: Buffer = Buffer.alloc(0);
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    dir: string,
    readonly limitBytes: number,
    readonly signal?: AbortSignal,
  ) {
    this.#process = startGit(dir, ['cat-file', '--batch'], signal);
    this.#chunks = this.#process.child.stdout[Symbol.asyncIterator]();
  }

  /** Asks for an object by its full name. */
  ask(id: string): void {
    this.#asked.push(id);
    const { stdin } = this.#process.child;
    // What is asked for in one go is written in one go: each write costs more than what it asks for.
    if (stdin.writableCorked === 0) {
      stdin.cork();
      process.nextTick(() => stdin.uncork());
    }
    stdin.write(`${id}\n`, 'latin1');
  }

  /**
   * Asks for an object and reads it once all that was asked for before is read. For streams that are read in no other way.
   *
   * @throws AuditError as {@link read}.
   */
  get(id: string, options?: ReadOptions): Promise<ObjectAnswer> {
    this.ask(id);
    const answer = this.#last.then(() => this.read(options));
    this.#last = answer;
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
   * @throws AuditError `corrupt`, `git`.
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
    throw new AuditError({ code: 'corrupt', object, detail: complaint.slice(7, 300) });
  }

  /**
   * The answer to the oldest question that has not been read.
   *
   * @throws AuditError `corrupt` when the content does not have the hash that names it; `git` when the process died.
   */
  async read({ withHead = false }: ReadOptions = {}): Promise<ObjectAnswer> {
    const id = this.#asked[this.#next];
    if (id === undefined) throw new RangeError('nothing was asked for');
    this.#next += 1;
    if (this.#next > 4096) {
      this.#asked.splice(0, this.#next);
      this.#next = 0;
    }
    const header = await this.#line();
    if (header.endsWith(' missing')) return { kind: 'missing' };
    const found = HEADER.exec(header);
    if (found === null) throw new AuditError({ code: 'corrupt', object: id, detail: header.slice(0, 200) });
    const [, , type = '', size] = found;
    const sizeBytes = Number(size);
    const hash = createHash('sha1').update(`${type} ${sizeBytes}\0`);
    const check = () => {
      if (hash.digest('hex') === id) return;
      throw new AuditError({ code: 'corrupt', object: id, detail: 'its content has another hash' });
    };
    if (sizeBytes <= this.limitBytes) {
      const content = (await this.#take(sizeBytes + 1)).subarray(0, sizeBytes);
      hash.update(content);
      check();
      return { kind: 'object', type, content };
    }
    if (!withHead) {
      await this.#skip(sizeBytes + 1);
      return { kind: 'too_large', sizeBytes };
    }
    const head = Buffer.from(await this.#take(this.limitBytes));
    hash.update(head);
    await this.#skip(sizeBytes - head.length, (part) => hash.update(part));
    await this.#skip(1);
    check();
    return { kind: 'too_large', sizeBytes, head };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  async #more(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next();
    if (done === true) {
      this.signal?.throwIfAborted();
      await this.#process.ended;
      throw new AuditError({ code: 'git', command: 'cat-file', detail: 'ended before it had answered' });
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
        throw new AuditError({ code: 'git', command: 'cat-file', detail: 'answered without a header' });
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
