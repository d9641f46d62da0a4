import { xsalsa20poly1305 } from '@noble/ciphers/salsa';
import type { Secret } from '@tiltyard/schema';
import { argon2i } from 'hash-wasm';
import { ChainError } from '../chain-error.js';

const PREFIX = Buffer.from('$NACL');
const NONCE_BYTES = 24;
const TAG_BYTES = 16;

/** How a password becomes a key. */
export interface KeyDerivation {
  readonly iterations: number;
  readonly memoryKib: number;
}

/** btcli's parameters, as numbers: libsodium's named constants changed their values between releases. */
const BTCLI_DERIVATION: KeyDerivation = { iterations: 8, memoryKib: 512 * 1024 };
const SALT = Buffer.from('137183dff15a09bc9c90b5518739e9b1', 'hex');

/** True for a key file in btcli's NaCl form. */
export function isSealed(content: Uint8Array): boolean {
  return PREFIX.equals(content.subarray(0, PREFIX.length));
}

/**
 * Opens a key file in btcli's NaCl form: `$NACL` ‖ 24-byte nonce ‖ secretbox, under argon2i (version 1.3, one lane) of the
 * password and a fixed salt. Throws `wallet_malformed`, `wallet_wrong_password`.
 */
export async function unsealKeyFile(
  content: Uint8Array,
  password: Secret,
  path: string,
  { iterations, memoryKib }: KeyDerivation = BTCLI_DERIVATION,
): Promise<Uint8Array> {
  const sealed = content.subarray(PREFIX.length);
  if (sealed.length < NONCE_BYTES + TAG_BYTES) {
    throw new ChainError({ code: 'wallet_malformed', path, field: 'file', detail: 'ends before its ciphertext' });
  }
  const wrong = new ChainError({ code: 'wallet_wrong_password', path });
  if (password.reveal() === '') throw wrong;
  const key = await argon2i({
    password: Buffer.from(password.reveal(), 'utf8'),
    salt: SALT,
    iterations,
    memorySize: memoryKib,
    parallelism: 1,
    hashLength: 32,
    outputType: 'binary',
  });
  try {
    return xsalsa20poly1305(key, sealed.subarray(0, NONCE_BYTES)).decrypt(sealed.subarray(NONCE_BYTES));
  } catch {
    throw wrong;
  } finally {
    key.fill(0);
  }
}
