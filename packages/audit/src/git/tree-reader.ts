import { GitError, type ObjectStream, type ReadTree, readTree } from '@tiltyard/git';

/** Trees that were read lately are kept up to so many bytes of their objects: the next commit differs from them. */
const KEPT_BYTES = 1024 * 1024;

/** A folder as it was read. */
export interface Folder extends ReadTree {
  /** Set where nothing of it was read. */
  readonly isUnread?: true;
}

/** Gives trees by their names, whoever asks first first. */
export class TreeReader {
  readonly #kept = new Map<string, { readonly tree: Promise<Folder>; bytes: number }>();
  #bytes = 0;

  /** @param objects - Asked by nobody else; its limit is that of a tree. */
  constructor(readonly objects: ObjectStream) {}

  /**
   * A tree. One that is too large to be read, or that is none, is unread and has a fault that says so.
   *
   * @throws GitError `corrupt` when it is not there or damaged.
   */
  async tree(id: string): Promise<Folder> {
    const kept = this.#kept.get(id);
    if (kept !== undefined) {
      this.#kept.delete(id);
      this.#kept.set(id, kept);
      return await kept.tree;
    }
    const entry = { tree: this.#read(id), bytes: 0 };
    this.#kept.set(id, entry);
    return await entry.tree;
  }

  async #read(id: string): Promise<Folder> {
    const answer = await this.objects.get(id);
    if (answer.kind === 'missing') throw new GitError({ code: 'corrupt', object: id, detail: 'the tree is not there' });
    if (answer.kind === 'too_large') return unread(`of ${answer.sizeBytes} bytes is too large to be read`);
    if (answer.type !== 'tree') return unread(`is a ${answer.type}`);
    const tree = readTree(answer.content);
    this.#keep(id, answer.content.length);
    return tree;
  }

  #keep(id: string, bytes: number): void {
    const entry = this.#kept.get(id);
    if (entry === undefined) return;
    entry.bytes = bytes;
    this.#bytes += bytes;
    for (const [oldest, { bytes: size }] of this.#kept) {
      if (this.#bytes <= KEPT_BYTES) break;
      // What is being read has no size yet, and is not let go before somebody has it.
      if (size === 0) continue;
      this.#kept.delete(oldest);
      this.#bytes -= size;
    }
  }
}

function unread(detail: string): Folder {
  return { entries: new Map(), faults: [detail], isAmbiguous: true, isUnread: true };
}
