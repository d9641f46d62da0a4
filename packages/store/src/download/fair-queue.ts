import type { QueueAddOptions } from 'p-queue';

/** A queue's way to keep what waits, as p-queue wants it. */
type Run = () => Promise<unknown>;

/** In whose name a task waits. */
export interface FairOptions extends QueueAddOptions {
  readonly owner?: string;
}

/**
 * Makes the waiting room of a p-queue in which strangers compete (`queueClass`): who has used least so far goes first, and
 * among equals they take turns. What one owner queues, however much and however slow, takes no other's turn. An owner's own
 * tasks keep their order.
 *
 * @param used - What an owner has used so far, in any unit, what is under way included.
 */
export function fairQueueClass(used: (owner: string) => number): new () => FairQueue {
  return class extends FairQueue {
    constructor() {
      super(used);
    }
  };
}

/** See {@link fairQueueClass}. */
export class FairQueue {
  readonly #used: (owner: string) => number;
  /** Owners in the order of their turns. */
  readonly #waiting = new Map<string, Map<string, Run>>();
  #size = 0;

  constructor(used: (owner: string) => number) {
    this.#used = used;
  }

  get size(): number {
    return this.#size;
  }

  enqueue(run: Run, { owner = '', id = '' }: Partial<FairOptions> = {}): void {
    const own = this.#waiting.get(owner) ?? new Map<string, Run>();
    this.#waiting.set(owner, own.set(id, run));
    this.#size += 1;
  }

  dequeue(): Run | undefined {
    let next: { readonly owner: string; readonly own: Map<string, Run>; readonly used: number } | undefined;
    for (const [owner, own] of this.#waiting) {
      const used = this.#used(owner);
      if (next === undefined || used < next.used) next = { owner, own, used };
    }
    if (next === undefined) return undefined;
    const { owner, own } = next;
    const [first] = own;
    this.#waiting.delete(owner);
    if (first === undefined) return undefined;
    this.#take(own, first[0]);
    if (own.size > 0) this.#waiting.set(owner, own); // at the end: the others come first
    return first[1];
  }

  /** A task that was called off. */
  remove(id: string): void {
    for (const [owner, own] of this.#waiting) {
      if (!own.has(id)) continue;
      this.#take(own, id);
      if (own.size === 0) this.#waiting.delete(owner);
      return;
    }
  }

  filter({ owner }: Readonly<Partial<FairOptions>>): Run[] {
    return [...this.#waiting].flatMap(([name, own]) =>
      owner === undefined || owner === name ? [...own.values()] : [],
    );
  }

  setPriority(): void {
    throw new Error('a fair queue has no priorities');
  }

  #take(own: Map<string, Run>, id: string): void {
    own.delete(id);
    this.#size -= 1;
  }
}
