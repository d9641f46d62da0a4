import { isFault } from '@tiltyard/schema';
import { DevnetError } from '../errors.js';
import type { EventDefinition, Execution, StorageItem } from '../pallets/pallet-definition.js';
import { ByteWriter } from '../scale/byte-writer.js';
import { decode, encode, fromHex, type Hex, toHex } from '../scale/codec.js';
import type { Change } from './state-history.js';

/** Where in a block something happens; events carry it. */
export type Phase = 'initialization' | 'finalization' | { readonly extrinsic: number };

/** The errors by which a pallet refuses a call. */
export interface DispatchFault {
  readonly pallet: string;
  readonly palletIndex: number;
  readonly error: string;
  readonly errorIndex: number;
}

/** A block in the making: its changes and events over the state before it. Nothing outside is touched. */
export class BlockExecution implements Execution {
  phase: Phase = 'initialization';
  #changes = new Map<Hex, Hex | null>();
  readonly #events: Uint8Array[] = [];

  /** @param before - Reads the state of the block before. */
  constructor(
    readonly block: number,
    readonly before: (key: Hex) => Hex | undefined,
  ) {}

  get<K extends readonly unknown[], V, R>(item: StorageItem<K, V, R>, ...keys: K): V | R {
    const raw = this.#read(item.key(...keys));
    return raw === undefined ? item.absent : decode(item.value, fromHex(raw));
  }

  set<K extends readonly unknown[], V, R>(item: StorageItem<K, V, R>, keys: K, value: V): void {
    this.#write(item.key(...keys), toHex(encode(item.value, value)));
  }

  remove<K extends readonly unknown[], V, R>(item: StorageItem<K, V, R>, ...keys: K): void {
    this.#write(item.key(...keys), null);
  }

  emit<F extends readonly unknown[]>(event: EventDefinition<F>, ...fields: F): void {
    const out = new ByteWriter();
    writePhase(out, this.phase);
    out.bytes(new Uint8Array([event.palletIndex, event.index]));
    event.codec.write(out, fields);
    out.compact(0); // topics
    this.#events.push(out.finish());
  }

  /** Runs something that a pallet may refuse; then none of its changes and events stay, and the fault is returned. */
  attempt(run: () => void): DispatchFault | undefined {
    const changes = new Map(this.#changes);
    const events = this.#events.length;
    try {
      run();
      return undefined;
    } catch (error) {
      if (!isFault(error, DevnetError, 'dispatch_failed')) throw error;
      this.#changes = changes;
      this.#events.length = events;
      const { code: _code, ...fault } = error.fault;
      return fault;
    }
  }

  /** What is different from the state before. */
  changes(): readonly Change[] {
    return [...this.#changes];
  }

  /** The bytes of `System.Events`, or undefined where there were none. */
  events(): Hex | undefined {
    if (this.#events.length === 0) return undefined;
    const out = new ByteWriter();
    out.compact(this.#events.length);
    for (const event of this.#events) out.bytes(event);
    return toHex(out.finish());
  }

  #read(key: Hex): Hex | undefined {
    const changed = this.#changes.get(key);
    return changed === undefined ? this.before(key) : (changed ?? undefined);
  }

  #write(key: Hex, value: Hex | null): void {
    if ((this.before(key) ?? null) === value) this.#changes.delete(key);
    else this.#changes.set(key, value);
  }
}

function writePhase(out: ByteWriter, phase: Phase): void {
  if (typeof phase === 'object') {
    out.uint(0, 1);
    out.uint(phase.extrinsic, 4);
  } else {
    out.uint(phase === 'finalization' ? 1 : 2, 1);
  }
}
