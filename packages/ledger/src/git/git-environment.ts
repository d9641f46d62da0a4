import { readFile } from 'node:fs/promises';
import { LedgerError } from '../ledger-error.js';
import type { RemoteAddress } from './remote-address.js';

/** Gives the present access token, or undefined for none. Asked before every contact, so that a token may rotate. */
export type TokenSource = () => Promise<string | undefined>;

/** Variables of ours that git needs: where programs, keys, proxies and certificates are. Nothing else is handed on. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'GIT_SSH_COMMAND',
  'GIT_SSL_CAINFO',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
  'SYSTEMROOT',
] as const;

/**
 * The environment of every git process: English messages (they are classified), no prompts, and none of the machine's
 * git configuration, which could rewrite addresses, run hooks or sign with another key.
 *
 * A token goes to git as configuration through the environment: not in argv, not in a file, and only for the remote's
 * own host, so that a redirect to another one does not take it along.
 */
export function gitEnvironment(
  ambient: NodeJS.ProcessEnv,
  remote?: RemoteAddress,
  token?: string,
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = ambient[name];
    if (value !== undefined) environment[name] = value;
  }
  Object.assign(environment, {
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    SSH_ASKPASS: 'false',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  });
  if (token !== undefined && remote !== undefined && (remote.protocol === 'https' || remote.protocol === 'http')) {
    const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
    Object.assign(environment, {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `http.${new URL(remote.url).origin}/.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    });
  }
  return environment;
}

/**
 * Where the access token for an https remote comes from: `TILTYARD_GIT_TOKEN`, or the file that
 * `TILTYARD_GIT_TOKEN_FILE` names, read afresh each time.
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
  if (token !== undefined) return async () => token;
  return async () => {
    try {
      return (await readFile(file ?? '', 'utf8')).trim();
    } catch (error) {
      throw new LedgerError({ code: 'bad_option', option: 'TILTYARD_GIT_TOKEN_FILE', detail: String(error) });
    }
  };
}
