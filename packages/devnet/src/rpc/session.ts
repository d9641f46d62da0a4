import type { WebSocket } from 'ws';
import { DevnetError } from '../errors.js';

/** Bytes that a reader may be behind before it is cut off. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;
const MAX_SUBSCRIPTIONS = 1024;

/** One client's connection: its subscriptions, and the order of what is sent to it. */
export class Session {
  readonly #subscriptions = new Map<string, () => void>();
  #held: string[] | undefined;
  #nextId = 1;

  constructor(readonly socket: WebSocket) {}

  /** Sends an answer. Notifications that arose while it was made follow it, so that a client knows their subscription. */
  answer(make: () => object): void {
    this.#held = [];
    const answer = make();
    const held = this.#held;
    this.#held = undefined;
    this.#send(JSON.stringify(answer));
    for (const text of held) this.#send(text);
  }

  notify(method: string, subscription: string, result: unknown): void {
    const text = JSON.stringify({ jsonrpc: '2.0', method, params: { subscription, result } });
    if (this.#held === undefined) this.#send(text);
    else this.#held.push(text);
  }

  /** Opens a subscription. Throws DevnetError `too_many_subscriptions`. @param start - Gets its id, returns what ends it. */
  subscribe(start: (id: string) => () => void): string {
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS) {
      throw new DevnetError({ code: 'too_many_subscriptions', limit: MAX_SUBSCRIPTIONS });
    }
    const id = `devnet-${this.#nextId++}`;
    this.#subscriptions.set(id, () => {});
    try {
      this.#subscriptions.set(id, start(id));
    } catch (error) {
      this.#subscriptions.delete(id);
      throw error;
    }
    return id;
  }

  /** False where there is no such subscription. */
  unsubscribe(id: string): boolean {
    this.#subscriptions.get(id)?.();
    return this.#subscriptions.delete(id);
  }

  /** Ends every subscription. */
  end(): void {
    for (const stop of this.#subscriptions.values()) stop();
    this.#subscriptions.clear();
  }

  #send(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > MAX_BUFFERED_BYTES) this.socket.terminate();
    else this.socket.send(text);
  }
}
