import { sha256 } from '@noble/hashes/sha2';
import { isFault } from '@tiltyard/schema';
import { DevnetError } from '../errors.js';
import type { DevnetLogger } from '../logger.js';
import type { Genesis } from '../options.js';
import type { Execution } from '../pallets/pallet-definition.js';
import { account, eventsKey } from '../pallets/system.js';
import { createBeacon, type DevBeacon } from '../runtime/beacon.js';
import { BlockExecution } from '../runtime/block-execution.js';
import { type ChainClock, timestampMs } from '../runtime/chain-clock.js';
import { type DerivedState, derivedState } from '../runtime/derived-state.js';
import { executeBlock, nextEventfulBlock, type OperatorAction, type Runtime } from '../runtime/execute-block.js';
import { decodeTransaction, type SignedTransaction } from '../runtime/signed-transaction.js';
import { StateHistory } from '../runtime/state-history.js';
import { validateTransaction } from '../runtime/validate-transaction.js';
import { type Waiting, waitingRounds } from '../runtime/waiting-rounds.js';
import { type Hex, toHex } from '../scale/codec.js';
import { type BlockEntry, BlockLog, type GenesisEntry, type LogEntry } from './block-log.js';
import { genesisState } from './genesis-block.js';
import { HeaderChain } from './header-chain.js';
import { type PoolEntry, TransactionPool, type Watcher } from './transaction-pool.js';

/** Blocks that one jump may pass: more than four months. */
export const MAX_JUMP_BLOCKS = 1_000_000;

/** A block as a reader names it. */
export interface BlockRef {
  readonly number: number;
  readonly hash: Hex;
  /** The chain's own time, milliseconds since 1970. */
  readonly timestampMs: number;
}

export interface DevChainOptions {
  readonly genesis: Genesis;
  readonly folder: string | undefined;
  readonly finalityLagBlocks: number;
  /** Wall time, for a new chain without a start time. */
  readonly nowMs: number;
  readonly log: DevnetLogger;
}

interface Body {
  readonly extrinsics: readonly Hex[];
  readonly events: Hex | null;
}
const EMPTY_BODY: Body = { extrinsics: [], events: null };

/**
 * The chain itself: its state at every block, its pool, and the ways in which it grows. Everything happens between two
 * turns of the event loop, so that no reader sees half a block.
 */
export class DevChain implements Disposable {
  readonly clock: ChainClock;
  readonly headers: HeaderChain;
  readonly beacon: DevBeacon;
  readonly pool = new TransactionPool();
  readonly #runtime: Runtime;
  readonly #log: BlockLog | undefined;
  readonly #derived: DerivedState;
  readonly #finalityLagBlocks: number;
  readonly #history = new StateHistory();
  readonly #bodies = new Map<number, Body>();
  readonly #headListeners = new Set<() => void>();
  #head: number;
  #awaitingFinality: readonly { readonly block: number; readonly watcher: Watcher }[] = [];
  #haltedBy: { readonly cause: unknown } | undefined;

  /** Opens the folder's chain, or starts one. Throws DevnetError `genesis_mismatch`, `folder_in_use`, `log_unreadable`. */
  constructor({ genesis, folder, finalityLagBlocks, nowMs, log }: DevChainOptions) {
    this.#finalityLagBlocks = finalityLagBlocks;
    this.beacon = createBeacon(genesis.seed);
    this.headers = new HeaderChain(genesis.seed, genesis.startBlock);
    this.#log = folder === undefined ? undefined : new BlockLog(folder, log);
    try {
      const [first, ...blocks] = this.#log?.entries ?? [];
      const start = this.#start(genesis, first, nowMs, folder);
      this.clock = { startBlock: genesis.startBlock, startTimeMs: start.startTimeMs };
      this.#runtime = { clock: this.clock, beacon: this.beacon, netuids: genesis.subnets.map(({ netuid }) => netuid) };
      this.#derived = derivedState(this.clock, (block) => this.headers.hashOf(block));
      this.#head = genesis.startBlock;
      this.#history.apply(genesis.startBlock, start.changes);
      for (const entry of blocks) this.#take(entry);
      this.headers.extend(this.#head);
      if (first !== undefined) log.info({ folder, head: this.#head }, 'opened a dev chain');
    } catch (error) {
      this.#log?.[Symbol.dispose]();
      throw error;
    }
  }

  /** The newest block. */
  get head(): number {
    return this.#head;
  }

  /** The newest block that will never change. Nothing here ever does; the lag lets clients be tried with one. */
  get finalized(): number {
    return Math.max(this.clock.startBlock, this.#head - this.#finalityLagBlocks);
  }

  get netuids(): readonly number[] {
    return this.#runtime.netuids;
  }

  ref(block: number): BlockRef {
    return { number: block, hash: this.headers.hashOf(block), timestampMs: timestampMs(this.clock, block) };
  }

  /** The value of a storage key at a block. Throws DevnetError `unknown_block` or `state_discarded`. */
  storage(key: Hex, block: number): Hex | undefined {
    this.#requireState(block);
    if (key === eventsKey) return this.#bodies.get(block)?.events ?? undefined;
    return this.#derived.read(key, block) ?? this.#history.read(key, block);
  }

  /** At most `count` keys that start with `prefix` and follow `after`, in order. Hashes of past blocks are left out. */
  keys(prefix: Hex, block: number, count: number, after?: Hex): readonly Hex[] {
    this.#requireState(block);
    const plain = this.#derived.plainKeys.filter(
      (key) => key.startsWith(prefix) && (after === undefined || key > after),
    );
    const stored = this.#history.keys(prefix, block, count, after);
    return plain.length === 0 ? stored : [...stored, ...plain].sort().slice(0, count);
  }

  /** A block's transactions, as they were submitted. */
  extrinsics(block: number): readonly Hex[] {
    return (this.#bodies.get(block) ?? EMPTY_BODY).extrinsics;
  }

  /** Typed reads of the newest state. */
  reader(): Pick<Execution, 'get'> {
    return this.#execution(this.#head + 1);
  }

  /** Typed reads of a block's state. Throws DevnetError `unknown_block` or `state_discarded`. */
  readerAt(block: number): Pick<Execution, 'get'> {
    this.#requireState(block);
    return this.#execution(block + 1);
  }

  /** What waits for a round of the beacon. */
  waiting(): readonly Waiting[] {
    return waitingRounds(this.reader(), this.netuids);
  }

  /** Calls a listener after every new head; one call a jump. @returns Stops it. */
  onHead(listener: () => void): () => void {
    this.#headListeners.add(listener);
    return () => this.#headListeners.delete(listener);
  }

  /** Checks a transaction and puts it into the pool. Throws DevnetError `invalid_transaction` or `halted`. @returns Its hash. */
  submit(bytes: Uint8Array, watcher?: Watcher): Hex {
    this.#requireRunning();
    const transaction = decodeTransaction(bytes);
    validateTransaction(transaction, this.#context(transaction.signer, this.reader()));
    const ready = transaction.nonce <= this.nextNonce(transaction.signer);
    this.pool.add({ transaction, watcher, since: this.#head });
    watcher?.(ready ? 'ready' : 'future');
    return transaction.hash;
  }

  /** The nonce of an account's next transaction, after those in the pool. */
  nextNonce(signer: Hex): number {
    return this.pool.nextNonce(signer, this.reader().get(account, signer).nonce);
  }

  /** Makes the next block, of the transactions that are ready and what an operator does. Throws DevnetError `halted`. */
  produce(action?: OperatorAction): BlockRef {
    this.#requireRunning();
    const execution = this.#execution(this.#head + 1);
    const included = this.#readyFor(execution);
    executeBlock(
      execution,
      this.#runtime,
      included.map(({ transaction }) => transaction),
      action,
    );
    this.#commit([entryOf(execution, included)], execution.block);
    const { hash } = this.ref(this.#head);
    for (const { watcher } of included) {
      if (watcher === undefined) continue;
      watcher({ inBlock: hash });
      this.#awaitingFinality = [...this.#awaitingFinality, { block: execution.block, watcher }];
    }
    for (const { watcher } of this.pool.takeExpired(this.#head)) watcher?.('dropped');
    this.#announce();
    return this.ref(this.#head);
  }

  /**
   * Advances to a block at once: every reveal and epoch on the way happens at its own block, one head is announced.
   *
   * The state is the same as if the blocks had been made one by one. Throws DevnetError `transactions_pending`,
   * `not_ahead`, `jump_too_long` or `halted`; then nothing has happened, except that a jump that halts may have come part
   * of the way.
   */
  jump(toBlock: number): BlockRef {
    this.#requireRunning();
    const from = this.#head;
    if (toBlock <= from) throw new DevnetError({ code: 'not_ahead', head: from, toBlock });
    const blocks = toBlock - from;
    if (blocks > MAX_JUMP_BLOCKS) throw new DevnetError({ code: 'jump_too_long', blocks, limit: MAX_JUMP_BLOCKS });
    if (this.pool.size > 0) throw new DevnetError({ code: 'transactions_pending', pending: this.pool.size });
    const entries: LogEntry[] = [];
    this.headers.extend(toBlock);
    for (let next = this.#nextEventful(); next <= toBlock; next = this.#nextEventful()) {
      const execution = this.#execution(next);
      executeBlock(execution, this.#runtime, []);
      const entry = entryOf(execution, []);
      entries.push(entry);
      this.#take(entry);
    }
    if (this.#head < toBlock) entries.push({ kind: 'head', height: toBlock });
    this.#append(entries);
    this.#head = toBlock;
    this.#announce();
    return this.ref(toBlock);
  }

  [Symbol.dispose](): void {
    this.#headListeners.clear();
    this.#log?.[Symbol.dispose]();
    this.#haltedBy ??= { cause: new DevnetError({ code: 'closed' }) };
  }

  #start(genesis: Genesis, found: LogEntry | undefined, nowMs: number, folder: string | undefined): GenesisEntry {
    const fingerprint = fingerprintOf(genesis);
    if (found?.kind === 'genesis') {
      const isOtherTime = genesis.startTimeMs !== undefined && genesis.startTimeMs !== found.startTimeMs;
      if (found.fingerprint !== fingerprint || isOtherTime) {
        throw new DevnetError({
          code: 'genesis_mismatch',
          folder: folder ?? '',
          expected: isOtherTime ? `start time ${genesis.startTimeMs}` : fingerprint,
          found: isOtherTime ? `start time ${found.startTimeMs}` : found.fingerprint,
        });
      }
      return found;
    }
    const entry: GenesisEntry = {
      kind: 'genesis',
      fingerprint,
      startTimeMs: genesis.startTimeMs ?? nowMs,
      changes: genesisState(genesis, this.beacon),
    };
    this.#log?.append([entry]);
    return entry;
  }

  #execution(block: number): BlockExecution {
    const before = block - 1;
    return new BlockExecution(block, (key) => this.#history.read(key, before));
  }

  #nextEventful(): number {
    return nextEventfulBlock(this.reader(), this.#runtime, this.#head);
  }

  /** Transactions whose turn it is and that still hold at this block; those that no longer do are told so. */
  #readyFor(execution: BlockExecution): readonly PoolEntry[] {
    const nonces = new Map<Hex, number>();
    const nonceOf = (signer: Hex) => nonces.get(signer) ?? execution.get(account, signer).nonce;
    return this.pool.takeReady(nonceOf).filter(({ transaction, watcher }) => {
      const { signer, nonce } = transaction;
      const isValid = nonce === nonceOf(signer) && this.#stillHolds(transaction, execution);
      if (isValid) nonces.set(signer, nonce + 1);
      else watcher?.('invalid');
      return isValid;
    });
  }

  #stillHolds(transaction: SignedTransaction, state: Pick<Execution, 'get'>): boolean {
    try {
      validateTransaction(transaction, this.#context(transaction.signer, state));
      return true;
    } catch (error) {
      if (!isFault(error, DevnetError, 'invalid_transaction')) throw error;
      return false;
    }
  }

  #context(signer: Hex, state: Pick<Execution, 'get'>) {
    return {
      block: this.#head + 1,
      genesisHash: this.headers.genesisHash,
      hashOf: (block: number) => this.headers.hashOf(block),
      account: state.get(account, signer),
    };
  }

  /** Makes blocks durable, then the newest state. */
  #commit(entries: readonly LogEntry[], head: number): void {
    this.headers.extend(head);
    this.#append(entries);
    for (const entry of entries) this.#take(entry);
  }

  #append(entries: readonly LogEntry[]): void {
    try {
      this.#log?.append(entries);
    } catch (cause) {
      this.#haltedBy = { cause };
      throw new DevnetError({ code: 'halted', cause });
    }
  }

  #take(entry: LogEntry): void {
    if (entry.kind === 'genesis') return;
    if (entry.kind === 'block') {
      this.#history.apply(entry.height, entry.changes);
      if (entry.extrinsics.length > 0 || entry.events !== null) this.#bodies.set(entry.height, entry);
    }
    this.#head = entry.height;
  }

  #announce(): void {
    const finalized = this.#awaitingFinality.filter(({ block }) => block <= this.finalized);
    this.#awaitingFinality = this.#awaitingFinality.filter(({ block }) => block > this.finalized);
    for (const { block, watcher } of finalized) watcher({ finalized: this.headers.hashOf(block) });
    for (const listener of this.#headListeners) listener();
  }

  #requireState(block: number): void {
    if (block > this.#head) throw new DevnetError({ code: 'unknown_block', block: String(block) });
    if (block < this.clock.startBlock) {
      throw new DevnetError({ code: 'state_discarded', hash: this.headers.hashOf(block) });
    }
  }

  #requireRunning(): void {
    if (this.#haltedBy !== undefined) throw new DevnetError({ code: 'halted', cause: this.#haltedBy.cause });
  }
}

function entryOf(execution: BlockExecution, included: readonly PoolEntry[]): BlockEntry {
  return {
    kind: 'block',
    height: execution.block,
    extrinsics: included.map(({ transaction }) => transaction.bytes),
    events: execution.events() ?? null,
    changes: execution.changes(),
  };
}

/** Which options a chain was made from, its start time apart. */
function fingerprintOf({ startTimeMs: _startTimeMs, ...rest }: Genesis): string {
  const text = JSON.stringify(rest, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return toHex(sha256(new TextEncoder().encode(text))).slice(2, 18);
}
