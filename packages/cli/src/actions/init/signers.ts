import path from 'node:path';
import { parseAllowedSigner } from '@tiltyard/schema';
import { SERVICES, type ServiceName, stateFiles } from '@tiltyard/schema/gen3d';
import { CliError } from '../../cli-error.js';
import { readInput } from '../../files.js';
import type { Terminal } from '../../terminal/terminal.js';

const MAX_KEY_BYTES = 16_384;

export interface SignerOptions {
  /** `SERVICE[,SERVICE]=FILE.pub` each. */
  readonly signer?: readonly string[];
  readonly signingKey?: string;
}

/**
 * The lines of allowed_signers: the template's comments, the keys that the user names, and the operator's own.
 *
 * @throws CliError `usage` for what is no `SERVICE=FILE`, `file` for a key that cannot be read, `invalid` for no key.
 */
export async function allowedSigners(
  template: string,
  { signer = [], signingKey }: SignerOptions,
  terminal: Terminal,
): Promise<readonly string[]> {
  const lines = template.split('\n').filter((line) => line.startsWith('#'));
  for (const given of signer) {
    const [services, file, ...rest] = given.split('=');
    if (!services || !file || rest.length > 0) {
      const detail = `--signer "${given}" is not SERVICE[,SERVICE]=FILE.pub, with services of ${SERVICES.join(', ')}.`;
      throw new CliError({ code: 'usage', detail });
    }
    lines.push(await lineOf(services, file, terminal));
  }
  if (signingKey !== undefined) {
    const own = await lineOf('operator', `${signingKey}.pub`, terminal);
    // It signs the first commit, so it must be listed.
    if (!lines.some((line) => signsAs('operator', line, own))) lines.push(own);
  }
  return lines;
}

async function lineOf(services: string, file: string, terminal: Terminal): Promise<string> {
  const text = (await readInput(file, MAX_KEY_BYTES, terminal)).toString('utf8').trim();
  const [type = '', key = ''] = text.split(/\s+/);
  const line = `${services} ${type} ${key}`;
  const read = stateFiles.allowedSigners.codec.schema.safeParse([line]);
  if (read.success) return line;
  throw new CliError({
    code: 'invalid',
    what: `${path.basename(file)} for ${services}`,
    detail: `gives no line of allowed_signers: it ${read.error.issues[0]?.message}`,
  });
}

function signsAs(service: 'operator', line: string, own: string): boolean {
  const signer = parseAllowedSigner(line);
  return signer?.services.includes(service) === true && signer.key === parseAllowedSigner(own)?.key;
}

/** Services that could not publish: a repository that lists keys takes commits of listed keys only. */
export function unsignedServices(lines: readonly string[]): readonly ServiceName[] {
  const signers = lines.flatMap((line) => parseAllowedSigner(line) ?? []);
  return signers.length === 0
    ? []
    : SERVICES.filter((service) => !signers.some(({ services }) => services.includes(service)));
}
