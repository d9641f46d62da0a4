import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The key that each writer of the ledger signs with, and the allowed_signers that say so. */
export interface SigningKeys {
  readonly fileOf: (writer: string) => string;
  readonly allowedSigners: readonly string[];
}

/** Makes an ed25519 key for every writer of a ledger, as an operator would with ssh-keygen. */
export async function makeSigningKeys(folder: string, writers: readonly string[]): Promise<SigningKeys> {
  const fileOf = (writer: string) => path.join(folder, writer);
  const allowedSigners = await Promise.all(
    writers.map(async (service) => {
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', service, '-f', fileOf(service)]);
      const [type, key] = (await readFile(`${fileOf(service)}.pub`, 'utf8')).split(' ');
      return `${service} ${type} ${key}`;
    }),
  );
  return { fileOf, allowedSigners };
}
