import { type Downloaded, downloadBytes, type FailedDownload } from '@tiltyard/store';

/**
 * What proves that our own network works: hosts that have answered, well or badly.
 *
 * A download that failed without a word from its host looks the same whether that host or our own network is down. It
 * counts only once somebody else was reached.
 */
export interface Connectivity {
  /** Takes note of how a download ended. */
  observe(url: string, download: Downloaded | FailedDownload): void;
  /** Takes note that somebody answered us just now who is asked in another way than by a download. */
  vouch(witness: string): void;
  /** Whether a failure may have been our network's, as far as its code tells. */
  isDoubtful(download: FailedDownload): boolean;
  /** Whether another host than this URL's has answered since a time by the monotonic clock. */
  isProven(url: string, sinceMs: number): boolean;
  /** Asks a host that is not a miner's, such as a prompt's; what it answers is taken note of. */
  probe(url: string, signal: AbortSignal): Promise<void>;
}

export interface ConnectivityOptions {
  /** Hosts of a local network that may be probed although they are not public. */
  readonly allowHosts: readonly string[];
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

const PROBE_TIMEOUT_MS = 20_000;
const PROBE_MAX_BYTES = 20 * 1024 * 1024;
/** Failures after which it is not known whether the host was reached. */
const SILENT: ReadonlySet<string> = new Set([
  'timeout',
  'dns_failed',
  'connection_failed',
  'cut_off',
  'blocked_address',
]);

/** Opens an empty book of answers. */
export function openConnectivity({ allowHosts, now = () => performance.now() }: ConnectivityOptions): Connectivity {
  // The last answer, and the last one of any other host: that is all that the question needs.
  let last: { readonly host: string; readonly at: number } | undefined;
  let lastOfOther: { readonly host: string; readonly at: number } | undefined;

  function observe(url: string, download: Downloaded | FailedDownload): void {
    if (!download.ok && (download.maybeOurs || SILENT.has(download.code) || download.code === 'bad_url')) return;
    vouch(hostOf(url));
  }

  function vouch(host: string): void {
    if (last !== undefined && last.host !== host) lastOfOther = last;
    last = { host, at: now() };
  }

  return {
    observe,
    vouch,
    isDoubtful: ({ code, maybeOurs }) => maybeOurs || code === 'timeout',
    isProven(url, sinceMs) {
      const witness = last?.host === hostOf(url) ? lastOfOther : last;
      return witness !== undefined && witness.at >= sinceMs;
    },
    async probe(url, signal) {
      const options = { maxBytes: PROBE_MAX_BYTES, totalTimeoutMs: PROBE_TIMEOUT_MS, allowHosts, signal };
      observe(url, await downloadBytes(url, options));
    },
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
