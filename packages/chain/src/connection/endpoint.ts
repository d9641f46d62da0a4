import type { Secret } from '@tiltyard/schema';
import { ChainError } from '../chain-error.js';

/** Where a chain is served. */
export interface Endpoint {
  readonly url: Secret;
  /** How it is called in logs and errors: its origin, since paths and queries often carry access keys. */
  readonly name: string;
  /** Host, and port where it is not the usual one: whose answer it gives. All names of this machine are one. */
  readonly host: string;
}

/** Checks and names endpoints. Throws `bad_endpoint` for the first that is not a ws:// or wss:// URL. */
export function endpointsFrom(urls: readonly Secret[]): readonly Endpoint[] {
  if (urls.length === 0) throw new ChainError({ code: 'bad_endpoint', endpoint: '(none given)' });
  const origins = urls.map(originOf);
  return urls.map((url, index) => {
    const origin = origins[index] ?? '';
    const isAlone = origins.filter((other) => other === origin).length === 1;
    return { url, name: isAlone ? origin : `${origin}#${index + 1}`, host: hostOf(new URL(url.reveal())) };
  });
}

/** One node under two names would be two witnesses. */
function hostOf({ hostname, port }: URL): string {
  const name = hostname.replace(/\.$/, '');
  const isHere = /^(localhost|127(\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\])$/.test(
    name,
  );
  return `${isHere || name.endsWith('.localhost') ? '127.0.0.1' : name}${port === '' ? '' : `:${port}`}`;
}

function originOf(secret: Secret, index: number): string {
  const url = secret.reveal();
  if (!URL.canParse(url)) throw new ChainError({ code: 'bad_endpoint', endpoint: `number ${index + 1}` });
  const { protocol, host } = new URL(url);
  const origin = `${protocol}//${host}`;
  if (!/^wss?:$/.test(protocol) || host === '') throw new ChainError({ code: 'bad_endpoint', endpoint: origin });
  return origin;
}
