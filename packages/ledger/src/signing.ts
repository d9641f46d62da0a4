import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { parseAllowedSigner } from '@tiltyard/schema';
import { LedgerError } from './ledger-error.js';

/** Signs commits with an SSH key. */
export interface CommitSigner {
  /** The public key, `TYPE BASE64`, as in allowed_signers. */
  readonly publicKey: string;
  /** An armoured signature over a commit's content. @throws LedgerError `bad_option` when ssh-keygen cannot make one. */
  sign(content: Buffer, signal?: AbortSignal): Promise<string>;
}

const TIMEOUT_MS = 30_000;
const OUTPUT_LIMIT_BYTES = 100_000;

/**
 * Opens a private key file (without passphrase) for signing commits as git does with `gpg.format=ssh`.
 *
 * @throws LedgerError `bad_option` when the file holds no such key.
 */
export async function openSigner(keyFile: string): Promise<CommitSigner> {
  const stored = await readFile(`${keyFile}.pub`, 'utf8').catch(() => undefined);
  const text = stored ?? (await sshKeygen(['-y', '-P', '', '-f', keyFile], Buffer.alloc(0)));
  const publicKey = text.trim().split(/\s+/).slice(0, 2).join(' ');
  return {
    publicKey,
    sign: (content, signal) => sshKeygen(['-Y', 'sign', '-n', 'git', '-f', keyFile], content, signal),
  };
}

/** Whether the lines of allowed_signers let a key sign for a service. */
export function maySign(lines: readonly string[], publicKey: string, service: string): boolean {
  return lines.some((line) => {
    const signer = parseAllowedSigner(line);
    return signer !== undefined && `${signer.keyType} ${signer.key}` === publicKey && signer.services.includes(service);
  });
}

async function sshKeygen(args: readonly string[], input: Buffer, signal?: AbortSignal): Promise<string> {
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  const child = spawn('ssh-keygen', args, {
    stdio: 'pipe',
    // No terminal and no agent's window: a key with a passphrase fails instead of waiting for a person.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C', SSH_ASKPASS_REQUIRE: 'never' },
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      if (output[stream].length < OUTPUT_LIMIT_BYTES) output[stream] += chunk;
    });
  }
  child.stdin.on('error', () => {}); // The exit status tells.
  child.stdin.end(input);
  const exitCode = await new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(String(error)));
    child.on('close', (code, killed) => resolve(code ?? killed ?? 'killed'));
  });
  signal?.throwIfAborted();
  if (exitCode === 0) return output.stdout;
  const detail = `ssh-keygen ended with ${exitCode}: ${output.stderr.trim()}`;
  throw new LedgerError({ code: 'bad_option', option: 'signing', detail });
}
