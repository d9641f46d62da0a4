import { inspect } from 'node:util';
import { Keyring } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { Hotkey, type Secret } from '@tiltyard/schema';

/** Bittensor's addresses carry Substrate's generic prefix. */
export const SS58_PREFIX = 42;

/** Key pairs live here and not on the wallet, so that no inspection, clone or serialisation of a wallet can reach them. */
const pairs = new WeakMap<Wallet, KeyringPair>();

/** A hotkey that can sign. Prints, inspects and serialises as its address only. */
export class Wallet {
  readonly hotkey: Hotkey;

  private constructor(pair: KeyringPair) {
    this.hotkey = Hotkey.parse(pair.address);
    pairs.set(this, pair);
  }

  /** Wraps a key pair of the keyring. The pair stays reachable to this package only. */
  static of(pair: KeyringPair): Wallet {
    return new Wallet(pair);
  }

  /** The sr25519 public key, 32 bytes. */
  get publicKey(): Uint8Array {
    return pairOf(this).publicKey;
  }

  /** Signs a message with sr25519; 64 bytes, different every time. */
  sign(message: Uint8Array): Uint8Array {
    return pairOf(this).sign(message);
  }

  toString(): string {
    return `Wallet(${this.hotkey})`;
  }

  toJSON(): { readonly hotkey: Hotkey } {
    return { hotkey: this.hotkey };
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** The key pair behind a wallet: for signing transactions inside this package, never exported from it. */
export function pairOf(wallet: Wallet): KeyringPair {
  const pair = pairs.get(wallet);
  if (pair === undefined) throw new TypeError('not a wallet of this package');
  return pair;
}

/**
 * A wallet from a secret URI: a development account (`//Alice`), or a phrase or seed with optional derivation.
 * For local work; production keys belong into wallet files.
 */
export async function walletFromUri(uri: Secret): Promise<Wallet> {
  await cryptoWaitReady();
  return Wallet.of(new Keyring({ type: 'sr25519', ss58Format: SS58_PREFIX }).addFromUri(uri.reveal()));
}
