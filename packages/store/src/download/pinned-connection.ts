import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { hostAndPort } from '../public-url.js';
import { isPublicAddress, isSameAddress } from './address-guard.js';
import { classifyFailure, DownloadFailure } from './download-failure.js';

/** Finds all addresses of a host name. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The system's resolver. */
export const lookupAddresses: Lookup = (hostname) => systemLookup(hostname, { all: true, verbatim: true });

export interface PinOptions {
  /** `host:port` of hosts whose addresses are not checked. */
  readonly allowHosts: readonly string[];
  readonly connectTimeoutMs: number;
  readonly lookup: Lookup;
  readonly signal: AbortSignal;
}

/** With several addresses, how long one may take before the next is tried. Node's own 250 ms loses far hosts. */
const NEXT_ADDRESS_MS = 2_000;

/**
 * An HTTP client that can reach one host only, and it only at addresses that have been checked. The name is resolved
 * once: what it resolves to a moment later, when the socket opens, no longer matters.
 *
 * @throws DownloadFailure `dns_failed`, `blocked_address`, `timeout`
 */
export async function openPinned(url: URL, options: PinOptions): Promise<Agent> {
  const addresses = await checkedAddresses(url, options);
  const lookup: LookupFunction = (_hostname, { all }, done) => {
    if (all) done(null, [...addresses]);
    else done(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };
  const connect = buildConnector({
    lookup,
    timeout: options.connectTimeoutMs,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: Math.min(NEXT_ADDRESS_MS, options.connectTimeoutMs),
  } as buildConnector.BuildOptions);
  return new Agent({
    connections: 1,
    headersTimeout: 0, // the whole download has one bound, which also covers these two
    bodyTimeout: 0,
    connect(target, done) {
      connect(target, (error, socket) => {
        if (error) return done(error, null);
        const peer = socket.remoteAddress ?? '';
        if (addresses.some(({ address }) => isSameAddress(address, peer))) return done(null, socket);
        socket.destroy();
        done(
          new DownloadFailure('blocked_address', `${url.hostname} was reached at ${peer}, which was not checked`),
          null,
        );
      });
    },
  });
}

/** The addresses that a host may be reached at. @throws DownloadFailure `dns_failed`, `blocked_address`, `timeout` */
export async function checkedAddresses(url: URL, options: PinOptions): Promise<readonly LookupAddress[]> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const found = await resolve(hostname, options);
  if (options.allowHosts.includes(hostAndPort(url))) return found;
  const checked = found.filter(({ address }) => isPublicAddress(address));
  if (checked.length > 0) return checked;
  const listed = found.map(({ address }) => address).join(', ');
  const where = listed === hostname ? '' : ` at ${listed},`;
  throw new DownloadFailure('blocked_address', `${url.hostname} is${where} not on the public Internet`);
}

async function resolve(hostname: string, { lookup, connectTimeoutMs, signal }: PinOptions) {
  const late = new AbortController();
  try {
    const found = await Promise.race([
      lookup(hostname),
      rejectAfter(connectTimeoutMs, hostname, late.signal),
      rejectOnAbort(signal, late.signal),
    ]);
    if (found.length > 0) return found;
  } catch (error) {
    throw classifyFailure(error, 'resolve', hostname);
  } finally {
    late.abort();
  }
  throw new DownloadFailure('dns_failed', `${hostname} has no address`);
}

function rejectAfter(timeoutMs: number, hostname: string, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => {
      reject(new DownloadFailure('timeout', `${hostname} was not resolved within ${timeoutMs} ms`, true));
    }, timeoutMs);
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}

/** The resolver cannot be stopped, only left behind. */
function rejectOnAbort(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(new DownloadFailure('timeout', 'the download was given up'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    over.addEventListener('abort', () => signal.removeEventListener('abort', abort), { once: true });
  });
}
