import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Hash } from 'node:crypto';
import { LedgerError } from '../ledger-error.js';
import { type ObjectId, objectHash } from './object-format.js';

/** An object as read: its name, type and content, checked against the name. */
export interface ReadObject {
  readonly id: ObjectId;
  readonly type: string;
  /** All of it, or its beginning where no more was to be kept. */
  readonly content: Buffer;
}

/** An object larger than the reader was told to hold in memory. */
export interface TooLarge {
  readonly id: ObjectId;
  readonly sizeBytes: number;
}

export interface ObjectReaderOptions {
  /** How long one object may take before the process is given up. */
  readonly timeoutMs?: number;
  /** The environment of the git process. */
  readonly env: Readonly<Record<string, string>>;
}

interface Request {
  readonly name: string;
  readonly limitBytes: number;
  readonly keptBytes: number;
  readonly resolve: (result: ReadObject | TooLarge | undefined) => void;
  readonly reject: (error: unknown) => void;
  /** Processes that died while this request was the one they worked on. */
  deaths: number;
}

interface Body {
  readonly id: ObjectId;
  readonly type: string;
  /** Of all bytes, kept or not. */
  readonly hash: Hash;
  readonly kept: Buffer[];
  /** Bytes still to be kept. */
  wanted: number;
  /** Bytes of the content still to come. A line feed follows them. */
  remaining: number;
}

const NAME = /^[\x21-\x7e]{1,1000}$/;
const STDERR_LIMIT = 4000;

/**
 * Reads objects through one long-lived `git cat-file --batch`.
 *
 * Requests are pipelined and answered in order. Git does not check a blob's hash when it reads one, so the reader does:
 * a flipped byte is never handed on. A process that dies is replaced and what it left unanswered is asked again; an
 * object that kills two processes is damaged.
 */
export class ObjectReader implements AsyncDisposable {
  readonly #timeoutMs: number;
  readonly #env: Readonly<Record<string, string>>;
  #requests: Request[] = [];
  #child: ChildProcessWithoutNullStreams | undefined;
  #pending: Buffer = Buffer.alloc(0);
  #body: Body | undefined;
  #stderr = '';
  #watchdog: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    readonly dir: string,
    options: ObjectReaderOptions,
  ) {
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#env = options.env;
  }

  /**
   * Reads one object.
   *
   * @param name - An object id or a full ref name.
   * @param limitBytes - Larger objects are not read: their size is returned instead.
   * @param keptBytes - How much of the content is handed on. The rest is only checked, and never held.
   * @returns undefined when there is no such object.
   * @throws LedgerError `corrupt` when the content does not have the hash that names it, or git cannot read it;
   *   `closed` after close.
   */
  read(name: string, limitBytes: number, keptBytes = limitBytes): Promise<ReadObject | TooLarge | undefined> {
    if (this.#closed) return Promise.reject(new LedgerError({ code: 'closed' }));
    if (!NAME.test(name)) return Promise.reject(new RangeError(`not an object name: ${JSON.stringify(name)}`));
    return new Promise((resolve, reject) => {
      const request: Request = { name, limitBytes, keptBytes, resolve, reject, deaths: 0 };
      this.#requests.push(request);
      this.#ask(request);
    });
  }

  /** The process's id while one runs; it is replaced when it dies. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the process. Unanswered requests are rejected with `closed`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#failAll(new LedgerError({ code: 'closed' }));
    const child = this.#child;
    this.#child = undefined;
    clearTimeout(this.#watchdog);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin.end();
    const patience = setTimeout(() => child.kill('SIGKILL'), 1000);
    await gone;
    clearTimeout(patience);
  }

  #ask(request: Request): void {
    this.#child ??= this.#start();
    this.#child.stdin.write(`${request.name}\n`);
    if (this.#requests.length === 1) this.#watch();
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn('git', ['cat-file', '--batch'], { cwd: this.dir, env: this.#env, stdio: 'pipe' });
    this.#pending = Buffer.alloc(0);
    this.#body = undefined;
    this.#stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#child === child) this.#take(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (this.#stderr.length < STDERR_LIMIT) this.#stderr += chunk.toString('utf8');
    });
    // A write to a dead process fails here; the 'close' that follows deals with it.
    child.stdin.on('error', () => {});
    child.on('error', (error) => {
      this.#stderr += String(error);
    });
    child.on('close', () => {
      if (this.#child === child) this.#died();
    });
    return child;
  }

  /** Asks again what a dead process left, except for an object that keeps killing processes. */
  #died(): void {
    this.#child = undefined;
    clearTimeout(this.#watchdog);
    const [first, ...others] = this.#requests;
    if (first === undefined || this.#closed) return;
    first.deaths += 1;
    if (first.deaths >= 2) {
      const detail = this.#stderr.trim() || 'git cat-file ended without an answer';
      first.reject(new LedgerError({ code: 'corrupt', object: first.name, detail }));
      this.#requests = others;
    }
    this.#askAgain();
  }

  #askAgain(): void {
    const again = this.#requests;
    this.#requests = [];
    for (const request of again) {
      this.#requests.push(request);
      this.#ask(request);
    }
  }

  /** Ends a process in the middle of an answer that nobody wants, and asks another one for the answers behind it. */
  #cutShort(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
    clearTimeout(this.#watchdog);
    this.#askAgain();
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    if (this.#requests.length === 0) return;
    this.#watchdog = setTimeout(() => this.#child?.kill('SIGKILL'), this.#timeoutMs);
    this.#watchdog.unref();
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    const child = this.#child;
    // What a process still says that was ended meanwhile answers nothing.
    while (rest.length > 0 && this.#child === child) {
      rest = this.#body === undefined ? this.#takeHeader(rest) : this.#takeBody(this.#body, rest);
    }
  }

  #takeHeader(chunk: Buffer): Buffer {
    const joined = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    const end = joined.indexOf(0x0a);
    if (end < 0) {
      this.#pending = joined;
      return Buffer.alloc(0);
    }
    this.#pending = Buffer.alloc(0);
    const header = joined.toString('utf8', 0, end);
    const found = header.match(/^([0-9a-f]{40}) (\w+) (\d+)$/);
    if (found === null) {
      this.#answerWithout(header);
    } else {
      const [, id = '', type = '', size = ''] = found;
      this.#begin(id, type, Number(size));
    }
    return joined.subarray(end + 1);
  }

  #begin(id: ObjectId, type: string, sizeBytes: number): void {
    const { limitBytes = 0, keptBytes = 0 } = this.#requests[0] ?? {};
    if (sizeBytes <= limitBytes) {
      this.#body = { id, type, hash: objectHash(type, sizeBytes), kept: [], wanted: keptBytes, remaining: sizeBytes };
      return;
    }
    // A few megabytes of a pack may be gigabytes of an object: reading over them could take longer than anybody waits.
    this.#requests.shift()?.resolve({ id, sizeBytes });
    this.#cutShort();
  }

  #takeBody(body: Body, chunk: Buffer): Buffer {
    const part = chunk.subarray(0, body.remaining);
    body.hash.update(part);
    const kept = part.subarray(0, body.wanted);
    if (kept.length > 0) body.kept.push(kept);
    body.wanted -= kept.length;
    body.remaining -= part.length;
    if (part.length === chunk.length) return Buffer.alloc(0);
    // The line feed behind the content.
    this.#body = undefined;
    this.#answer(body);
    return chunk.subarray(part.length + 1);
  }

  #answer({ id, type, hash, kept }: Body): void {
    const request = this.#requests.shift();
    this.#watch();
    if (hash.digest('hex') === id) request?.resolve({ id, type, content: Buffer.concat(kept) });
    else request?.reject(new LedgerError({ code: 'corrupt', object: id, detail: 'its content has another hash' }));
  }

  #answerWithout(header: string): void {
    const request = this.#requests.shift();
    this.#watch();
    if (header.endsWith(' missing')) request?.resolve(undefined);
    else request?.reject(new LedgerError({ code: 'corrupt', object: request.name, detail: header }));
  }

  #failAll(error: unknown): void {
    for (const request of this.#requests.splice(0)) request.reject(error);
  }
}
