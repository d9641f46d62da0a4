import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { SERVICES, type ServiceName } from '@tiltyard/schema/gen3d';

const run = promisify(execFile);

/** The key that each writer of the ledger signs with, and the allowed_signers that say so. */
export interface SigningKeys {
  readonly fileOf: (service: ServiceName) => string;
  readonly allowedSigners: readonly string[];
}

/** Makes an ed25519 key for every service and for the operator, as an operator would with ssh-keygen. */
export async function makeSigningKeys(folder: string): Promise<SigningKeys> {
  const fileOf = (service: ServiceName) => path.join(folder, service);
  const allowedSigners = await Promise.all(
    SERVICES.map(async (service) => {
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', service, '-f', fileOf(service)]);
      const [type, key] = (await readFile(`${fileOf(service)}.pub`, 'utf8')).split(' ');
      return `${service} ${type} ${key}`;
    }),
  );
  return { fileOf, allowedSigners };
}
