import { readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import { Secret } from '@tiltyard/schema';
import { ChainError } from '../chain-error.js';

/** The environment variable that btcli keeps a key file's password in: `BT_PW_` and the file's path in capitals. */
export function passwordVariable(keyFilePath: string): string {
  return `BT_PW_${keyFilePath.replaceAll(sep, '_').replaceAll('.', '_').toUpperCase()}`;
}

/**
 * The password in a `BT_PW_…` variable: base64 of the password XOR the variable's own name (repeated).
 * That hides it from a glance, not from an attacker. Null when the variable is not set; throws `wallet_malformed`.
 */
export function passwordFromEnvironment(
  variable: string,
  environment: Readonly<Record<string, string | undefined>>,
): Secret | null {
  const stored = environment[variable]?.trim();
  if (stored === undefined || stored === '') return null;
  const name = Buffer.from(variable, 'utf8');
  const masked = Buffer.from(stored, 'base64');
  if (masked.toString('base64').replace(/={1,2}$/, '') !== stored.replace(/={1,2}$/, '')) {
    throw new ChainError({ code: 'wallet_malformed', path: variable, field: 'password', detail: 'is not base64' });
  }
  const bytes = masked.map((byte, index) => byte ^ (name[index % name.length] ?? 0));
  try {
    return new Secret(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new ChainError({ code: 'wallet_malformed', path: variable, field: 'password', detail: 'is not UTF-8' });
  }
}

/** The password in a file, without the line break at its end. Throws `wallet_missing`. */
export async function passwordFromFile(path: string): Promise<Secret> {
  try {
    return new Secret((await readFile(path, 'utf8')).replace(/\r?\n$/, ''));
  } catch (cause) {
    throw new ChainError({ code: 'wallet_missing', path, cause });
  }
}
