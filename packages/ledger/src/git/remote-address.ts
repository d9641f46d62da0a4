import path from 'node:path';
import { isFault } from '@tiltyard/schema';
import { LedgerError } from '../ledger-error.js';

/** How a remote is spoken to. */
export type RemoteProtocol = 'file' | 'git' | 'http' | 'https' | 'ssh';

/** A remote repository's address, checked. */
export interface RemoteAddress {
  /** The address as git takes it. Holds no credentials, so it may be logged. */
  readonly url: string;
  readonly protocol: RemoteProtocol;
}

const SCP_LIKE = /^[\w.-]+@[\w.-]+:[^:\s]+$/;

/**
 * Checks a remote's address.
 *
 * Refused: credentials in the address (they would show in argv, in the clone's config and in logs), and transports
 * that run commands (`ext::`, `fd::`).
 *
 * @param text - An absolute path, or a URL of file, git, http, https or ssh, or `user@host:path`.
 * @throws LedgerError `bad_option`.
 */
export function parseRemoteAddress(text: string): RemoteAddress {
  if (path.isAbsolute(text)) return { url: text, protocol: 'file' };
  if (SCP_LIKE.test(text)) return { url: text, protocol: 'ssh' };
  const refuse = (detail: string) => new LedgerError({ code: 'bad_option', option: 'remote', detail });
  if (!URL.canParse(text)) throw refuse('is neither an absolute path nor a URL');
  const url = new URL(text);
  const protocol = url.protocol.slice(0, -1);
  if (url.password !== '' || (url.username !== '' && protocol !== 'ssh')) {
    throw refuse('holds credentials; pass a token through the environment');
  }
  if (!isProtocol(protocol)) throw refuse(`protocol ${protocol} is not used`);
  return { url: text, protocol };
}

/** What is wrong with a remote's address, without repeating it; undefined where nothing is. See {@link parseRemoteAddress}. */
export function remoteProblem(text: string): string | undefined {
  try {
    parseRemoteAddress(text);
    return undefined;
  } catch (error) {
    if (isFault(error, LedgerError, 'bad_option')) return error.fault.detail;
    throw error;
  }
}

function isProtocol(name: string): name is RemoteProtocol {
  return ['file', 'git', 'http', 'https', 'ssh'].includes(name);
}
