import { type CommitId, isFault } from '@tiltyard/schema';
import { type BackoffOptions, backoffDelayMs, waitMs } from './backoff.js';
import type { Draft } from './draft.js';
import type { Ledger } from './ledger.js';
import { LedgerError } from './ledger-error.js';
import { type LedgerLog, SILENT_LOG } from './ledger-log.js';
import type { Published } from './publish.js';
import type { Snapshot } from './snapshot.js';

/**
 * One completion: puts its result into a draft of the present state. Called again with a newer draft when the remote
 * could not be reached, so it must not do anything else. A decision names the snapshot that it was derived from
 * (`draft.transition(state, snapshot)`, `draft.requires(…, snapshot)`), which may be older than the draft's.
 */
export type Edit = (draft: Draft) => void | Promise<void>;

export interface BatcherOptions {
  /** How long a completion waits for others to be published with it. */
  readonly maxDelayMs?: number;
  /** How many completions make a commit of their own at once. */
  readonly maxBatch?: number;
  /** How many may wait while the remote cannot be reached; more are refused. */
  readonly maxPending?: number;
  /** Waits between tries while the remote cannot be reached. */
  readonly outage?: BackoffOptions;
  /** How long closing may take to publish what waits. */
  readonly closeTimeoutMs?: number;
  readonly random?: () => number;
  readonly log?: LedgerLog;
  readonly signal?: AbortSignal;
}

/** The usual values of {@link BatcherOptions}. */
export const BATCHER_DEFAULTS = {
  maxDelayMs: 30_000,
  maxBatch: 500,
  maxPending: 10_000,
  outage: { firstDelayMs: 1_000, maxDelayMs: 60_000 },
  closeTimeoutMs: 5_000,
} as const satisfies BatcherOptions;

/** Collects completions and publishes them together, in order, whole. */
export interface Batcher extends AsyncDisposable {
  /**
   * Adds a completion. Resolves when it is published.
   *
   * While the remote cannot be reached completions wait, for hours if need be, and are then published in order.
   *
   * @param options.atOnce - Publish now, with all that waits: for a transition.
   * @throws LedgerError `outbox_full`; what the edit itself throws; `conflict` for the whole batch when another
   *   writer was there; `stale` and the registry's faults for this completion alone.
   */
  add(edit: Edit, options?: { readonly atOnce?: boolean }): Promise<Published>;
  /** Publishes what waits now. Resolves when there is nothing left that waits. */
  flush(): Promise<void>;
  /** How many completions wait. */
  readonly pending: number;
}

/** Opens a batcher on a ledger. Disposing of it publishes what waits, once, and rejects what then remains. */
export function openBatcher(ledger: Ledger, options: BatcherOptions = {}): Batcher {
  return new LedgerBatcher(ledger, options);
}

/** A completion that waits. Settled once; a batch that is tried again leaves out what is settled. */
class Item {
  settled = false;
  constructor(
    readonly edit: Edit,
    readonly answer: { resolve(published: Published): void; reject(error: unknown): void },
  ) {}

  resolve(published: Published): void {
    this.settled = true;
    this.answer.resolve(published);
  }

  reject(error: unknown): void {
    this.settled = true;
    this.answer.reject(error);
  }
}

class LedgerBatcher implements Batcher {
  readonly #ledger: Ledger;
  readonly #options: BatcherOptions & typeof BATCHER_DEFAULTS;
  readonly #log: LedgerLog;
  readonly #signal: AbortSignal;
  readonly #closing = new AbortController();
  #items: Item[] = [];
  #inFlight: readonly Item[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  /** Commits whose push may have been applied although nobody said so, and the completions that each holds. */
  #offered: { readonly commit: CommitId; readonly items: readonly Item[] }[] = [];
  /** Somebody asked for the next commit while this one was being made. */
  #again = false;
  #last = false;
  readonly #hurry = new AbortController();

  constructor(ledger: Ledger, options: BatcherOptions) {
    this.#ledger = ledger;
    this.#options = { ...BATCHER_DEFAULTS, ...options } as BatcherOptions & typeof BATCHER_DEFAULTS;
    this.#log = options.log ?? SILENT_LOG;
    const own = this.#closing.signal;
    this.#signal = options.signal === undefined ? own : AbortSignal.any([own, options.signal]);
    this.#signal.addEventListener('abort', () => this.#rejectAll(this.#signal.reason), { once: true });
  }

  get pending(): number {
    return [...this.#items, ...this.#inFlight].filter((item) => !item.settled).length;
  }

  add(edit: Edit, { atOnce = false }: { readonly atOnce?: boolean } = {}): Promise<Published> {
    if (this.#signal.aborted || this.#last) return Promise.reject(new LedgerError({ code: 'closed' }));
    if (this.pending >= this.#options.maxPending) {
      return Promise.reject(new LedgerError({ code: 'outbox_full', pending: this.pending }));
    }
    return new Promise((resolve, reject) => {
      this.#items.push(new Item(edit, { resolve, reject }));
      if (atOnce || this.#items.length >= this.#options.maxBatch) this.#start();
      else this.#timer ??= setTimeout(() => this.#start(), this.#options.maxDelayMs);
    });
  }

  async flush(): Promise<void> {
    while (this.pending > 0 && !this.#signal.aborted) {
      this.#start();
      await this.#running;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#last = true;
    this.#hurry.abort();
    const closed = new LedgerError({ code: 'closed' });
    const patience = setTimeout(() => this.#closing.abort(closed), this.#options.closeTimeoutMs);
    while (this.pending > 0 && !this.#signal.aborted) {
      this.#start();
      await this.#running;
    }
    clearTimeout(patience);
    this.#closing.abort(closed);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#again = this.#running !== undefined;
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#items.length > 0) this.#timer ??= setTimeout(() => this.#start(), this.#options.maxDelayMs);
    });
  }

  /** Publishes what waits, and tries again until that is settled. What comes meanwhile makes a commit of its own. */
  async #drain(): Promise<void> {
    let failures = 0;
    do {
      this.#again = false;
      this.#inFlight = this.#items;
      this.#items = [];
      try {
        await this.#publish(this.#inFlight);
        failures = 0;
      } catch (error) {
        failures += 1;
        await this.#keepOrReject(error, failures);
      } finally {
        this.#inFlight = [];
      }
    } while (this.#items.length > 0 && (failures > 0 || this.#again) && !this.#signal.aborted);
  }

  /** Puts what was not published back in front and waits, or rejects it where waiting cannot help. */
  async #keepOrReject(error: unknown, failures: number): Promise<void> {
    const open = this.#inFlight.filter((item) => !item.settled);
    if (this.#last || !(mayPass(error) || (await this.#conflictsWithItself(error)))) {
      for (const item of open) item.reject(error);
      return;
    }
    this.#items = [...open, ...this.#items];
    this.#inFlight = [];
    this.#log.warn({ pending: this.pending, failures, reason: String(error) }, 'completions wait to be published');
    const { outage, random } = this.#options;
    const delayMs = backoffDelayMs(failures, outage, (random ?? Math.random)());
    await waitMs(delayMs, AbortSignal.any([this.#signal, this.#hurry.signal])).catch(() => {});
  }

  async #publish(items: readonly Item[]): Promise<void> {
    const snapshot = await this.#ledger.snapshot(this.#signal);
    const open = await this.#settleOffered(items, snapshot);
    const { draft, fitting } = await this.#compose(open, snapshot);
    if (fitting.length === 0) return;
    try {
      const published = await this.#ledger.publish(draft, this.#signal);
      for (const item of fitting) item.resolve(published);
    } catch (error) {
      if (error instanceof LedgerError)
        this.#offered.push(...error.offered.map((commit) => ({ commit, items: fitting })));
      if (!(error instanceof LedgerError) || !OF_ONE.has(error.code)) throw error;
      if (fitting.length === 1) for (const item of fitting) item.reject(error);
      // One of them breaks a rule: the others must not suffer for it.
      else for (const item of fitting) await this.#publish([item]);
    }
  }

  /** Resolves the completions of pushes that were applied after all, although nobody said so; returns what is open. */
  async #settleOffered(items: readonly Item[], snapshot: Snapshot): Promise<readonly Item[]> {
    for (const { commit, items: offered } of this.#offered) {
      if (!(await snapshot.includes(commit, this.#signal))) continue;
      for (const item of offered) item.resolve({ outcome: 'published', commit });
    }
    this.#offered = this.#offered.filter((offer) => offer.items.some((item) => !item.settled));
    return items.filter((item) => !item.settled);
  }

  /** Whether a conflict is with our own push, which was applied later than anybody would have thought. */
  async #conflictsWithItself(error: unknown): Promise<boolean> {
    if (this.#offered.length === 0 || !isFault(error, LedgerError, 'conflict')) return false;
    try {
      const snapshot = await this.#ledger.latest();
      const ours = this.#offered.map(({ commit }) => snapshot.includes(commit, this.#signal));
      return (await Promise.all(ours)).includes(true);
    } catch {
      return false;
    }
  }

  /** Applies edits in order. One that throws leaves no trace and is rejected. */
  async #compose(items: readonly Item[], snapshot: Snapshot): Promise<{ draft: Draft; fitting: readonly Item[] }> {
    let draft = snapshot.draft();
    const fitting: Item[] = [];
    for (const item of items) {
      const next = draft.fork();
      try {
        await item.edit(next);
        draft = next;
        fitting.push(item);
      } catch (error) {
        item.reject(error);
      }
    }
    return { draft, fitting };
  }

  #rejectAll(reason: unknown): void {
    clearTimeout(this.#timer);
    for (const item of [...this.#inFlight, ...this.#items]) item.reject(reason);
    this.#items = [];
  }
}

/** Faults that one completion may have alone. */
const OF_ONE: ReadonlySet<string> = new Set([
  'stale',
  'not_owner',
  'wrong_stage',
  'wrong_round',
  'not_append',
  'out_of_order',
  'written_once',
  'settled',
  'illegal_transition',
  'frozen',
  'wrong_amendment',
  'misplaced',
  'not_announced',
  'bad_message',
  'invalid',
  'too_large',
]);

/** Faults that are about the remote or this machine: completions are as good when somebody has mended that. */
const MAY_PASS: ReadonlySet<string> = new Set([
  'unreachable',
  'contended',
  'rejected',
  'rewritten',
  'malformed',
  'unvouched',
  'local_io',
  'corrupt',
  'git',
]);

/** Whether a failure may pass, so that completions had better wait. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof LedgerError)) return false;
  // A push that is too big only grows by waiting.
  return MAY_PASS.has(error.code) && !(error.fault.code === 'rejected' && error.fault.reason === 'too_big');
}
