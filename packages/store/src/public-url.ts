import { HttpUrl } from '@tiltyard/schema';
import type { ObjectKey } from './object-key.js';
import { parseKey } from './object-key.js';
import { StoreError } from './store-error.js';

/** The public address of a store: where its keys become URLs and its URLs become keys again. */
export interface PublicUrls {
  readonly host: string;
  url(key: ObjectKey): HttpUrl;
  keyOf(url: string): ObjectKey | undefined;
}

/**
 * Keys under a base address, as in `https://cdn.example.com/sha256/ab/…`.
 *
 * @param base - An http(s) URL without credentials, query or fragment; its path is kept.
 */
export function publicUrls(base: HttpUrl): PublicUrls {
  const parsed = new URL(base);
  if (parsed.search !== '' || parsed.hash !== '') {
    throw new StoreError({ code: 'bad_option', option: 'publicUrl', detail: 'has a query or a fragment' });
  }
  const root = parsed.href.endsWith('/') ? parsed.href : `${parsed.href}/`;
  return {
    host: hostAndPort(parsed),
    url: (key) => HttpUrl.parse(root + key),
    keyOf(url) {
      if (!url.startsWith(root)) return undefined;
      try {
        return parseKey(url.slice(root.length));
      } catch {
        return undefined; // an address of ours that names no object
      }
    },
  };
}

/** `host:port` of a URL, with the scheme's port where the URL names none: `cdn.example.com:443`, `[::1]:8080`. */
export function hostAndPort(url: URL): string {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return `${url.hostname}:${port}`;
}
