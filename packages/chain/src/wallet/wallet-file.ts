import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Secret } from '@tiltyard/schema';
import { ChainError } from '../chain-error.js';
import type { Wallet } from './wallet.js';
import { passwordFromEnvironment, passwordFromFile, passwordVariable } from './wallet-password.js';
import { isSealed, unsealKeyFile } from './wallet-seal.js';
import { walletFromSecrets } from './wallet-secrets.js';

/** Where an encrypted wallet's password comes from, asked in this order and only when it is needed. */
export interface WalletPassword {
  /** An environment that may hold the file's own `BT_PW_…` variable. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** A file with the password and nothing else. */
  readonly file?: string;
  /** Asks a person. Null gives up. */
  readonly prompt?: (keyFilePath: string) => Promise<Secret | null>;
}

export interface WalletLocation {
  readonly name: string;
  readonly hotkey: string;
  /** Default: `~/.bittensor/wallets`. */
  readonly root?: string;
}

/** A key file is some hundred bytes. */
const MAX_FILE_BYTES = 65_536;

/** Where btcli keeps a hotkey. Throws `wallet_malformed` for names that would leave the folder. */
export function walletPath({ name, hotkey, root = join(homedir(), '.bittensor', 'wallets') }: WalletLocation): string {
  for (const [field, given] of Object.entries({ name, hotkey })) {
    if (/^[^/\\\0]+$/.test(given) && given !== '.' && given !== '..') continue;
    throw new ChainError({ code: 'wallet_malformed', path: root, field, detail: 'is not a file name' });
  }
  return join(root, name, 'hotkeys', hotkey);
}

/**
 * Loads a Bittensor key file, in clear or NaCl-encrypted (decrypting takes seconds and 512 MiB, on purpose).
 *
 * Throws `wallet_missing`, `wallet_malformed`, `wallet_password_needed`, `wallet_wrong_password`, `wallet_mismatch`, and
 * `wallet_encryption_unsupported` for the two older encryptions.
 */
export async function loadWallet(path: string, password: WalletPassword = {}): Promise<Wallet> {
  const content = await readBounded(path);
  const form = oldEncryption(content);
  if (form !== null) throw new ChainError({ code: 'wallet_encryption_unsupported', path, form });
  if (!isSealed(content)) return walletFromSecrets(content, path);
  const plain = await unsealKeyFile(content, await findPassword(path, password), path);
  try {
    return await walletFromSecrets(plain, path);
  } finally {
    plain.fill(0);
  }
}

async function readBounded(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_FILE_BYTES + 1), 0, MAX_FILE_BYTES + 1, 0);
    if (bytesRead <= MAX_FILE_BYTES) return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw new ChainError({ code: 'wallet_missing', path, cause });
  }
  throw new ChainError({ code: 'wallet_malformed', path, field: 'file', detail: `exceeds ${MAX_FILE_BYTES} bytes` });
}

function oldEncryption(content: Buffer): 'ansible-vault' | 'fernet' | null {
  const start = content.subarray(0, 14).toString('latin1');
  if (start.startsWith('$ANSIBLE_VAULT')) return 'ansible-vault';
  return start.startsWith('gAAAAA') ? 'fernet' : null;
}

async function findPassword(path: string, { environment, file, prompt }: WalletPassword): Promise<Secret> {
  const password =
    (environment && passwordFromEnvironment(passwordVariable(path), environment)) ??
    (file === undefined ? null : await passwordFromFile(file)) ??
    (await prompt?.(path)) ??
    null;
  if (password === null) throw new ChainError({ code: 'wallet_password_needed', path });
  return password;
}
