import { WsProvider } from '@polkadot/api';
import type { Endpoint } from './endpoint.js';

/**
 * A socket to an endpoint that calls it by its name wherever it is spoken of: the library puts an address with its keys into
 * errors, and prints those on the console.
 *
 * Reconnecting is its owner's job: a provider that does it by itself hides which endpoint answers.
 */
export class NamedProvider extends WsProvider {
  readonly #name: string;
  #isDialing = false;

  constructor({ url, name }: Pick<Endpoint, 'url' | 'name'>, timeoutMs: number) {
    super(url.reveal(), false, {}, timeoutMs);
    this.#name = name;
  }

  override get endpoint(): string {
    return this.#isDialing ? super.endpoint : this.#name;
  }

  /** Opens the socket, for which the library reads the address at once. */
  override connect(): Promise<void> {
    this.#isDialing = true;
    try {
      return super.connect();
    } finally {
      this.#isDialing = false;
    }
  }
}
