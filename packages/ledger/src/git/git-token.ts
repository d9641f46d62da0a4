import { readFile } from 'node:fs/promises';
import { Secret } from '@tiltyard/schema';
import { LedgerError } from '../ledger-error.js';
import type { RemoteAddress } from './remote-address.js';

/** Gives the present access token, or undefined for none. Asked before every contact, so that a token may rotate. */
export type TokenSource = () => Promise<Secret | undefined>;

/**
 * A token as a setting of git, for the remote's own host only, so that a redirect to another one does not take it along;
 * none for a remote that is spoken to in another way.
 */
export function tokenSettings(remote: RemoteAddress, token: Secret | undefined): Readonly<Record<string, string>> {
  if (token === undefined || (remote.protocol !== 'https' && remote.protocol !== 'http')) return {};
  const basic = Buffer.from(`x-access-token:${token.reveal()}`).toString('base64');
  return { [`http.${new URL(remote.url).origin}/.extraHeader`]: `Authorization: Basic ${basic}` };
}

/**
 * Where the access token for an https remote comes from: `TILTYARD_GIT_TOKEN`, or the file that
 * `TILTYARD_GIT_TOKEN_FILE` names, read again each time.
 *
 * @throws LedgerError `bad_option` when simple-git's debug output is on: it prints every environment.
 */
export function gitTokenFrom(ambient: NodeJS.ProcessEnv): TokenSource {
  // An empty variable counts as absent.
  const token = ambient.TILTYARD_GIT_TOKEN?.trim() || undefined;
  const file = ambient.TILTYARD_GIT_TOKEN_FILE?.trim() || undefined;
  if (token === undefined && file === undefined) return async () => undefined;
  if (/(^|[\s,])(\*|simple-git)/.test(ambient.DEBUG ?? '')) {
    const detail = 'would print the git token: unset it, or leave simple-git out of it';
    throw new LedgerError({ code: 'bad_option', option: 'DEBUG', detail });
  }
  if (token !== undefined) return async () => new Secret(token);
  return async () => {
    try {
      return new Secret((await readFile(file ?? '', 'utf8')).trim());
    } catch (error) {
      throw new LedgerError({ code: 'bad_option', option: 'TILTYARD_GIT_TOKEN_FILE', detail: String(error) });
    }
  };
}
