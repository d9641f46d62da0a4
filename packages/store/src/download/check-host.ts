import { startDeadline } from './deadline.js';
import { DownloadFailure, type FailedDownload } from './download-failure.js';
import { DOWNLOAD_DEFAULTS, type DownloadOptions } from './guarded-download.js';
import { checkedAddresses } from './pinned-connection.js';

/** What {@link checkHost} found. */
export type HostCheck = { readonly ok: true } | Pick<FailedDownload, 'ok' | 'code' | 'message' | 'maybeOurs'>;

/**
 * Whether the guard of our downloads lets an address through: the host is resolved, and has to be on the public Internet.
 * Nothing is connected to.
 *
 * @param url - An http(s) URL.
 */
export async function checkHost(
  url: string,
  options: Pick<DownloadOptions, 'allowHosts' | 'connectTimeoutMs' | 'lookup' | 'signal'> = {},
): Promise<HostCheck> {
  const { allowHosts, connectTimeoutMs, lookup } = { ...DOWNLOAD_DEFAULTS, ...options };
  const deadline = startDeadline(connectTimeoutMs, options.signal);
  try {
    await checkedAddresses(new URL(url), { allowHosts, connectTimeoutMs, lookup, signal: deadline.signal });
    return { ok: true };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof DownloadFailure)) throw error;
    return { ok: false, ...error.fault, message: error.message };
  } finally {
    deadline[Symbol.dispose]();
  }
}
